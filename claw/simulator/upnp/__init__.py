"""The UPnP device side: descriptions, SOAP control and GENA events."""
