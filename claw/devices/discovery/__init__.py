"""What is on the LAN: mDNS, SSDP, a vendor's broadcast and a polite sweep in; announcements and identity out."""
