"""What is in the house: devices met on the LAN, things adopted from them, and the only way to read and drive them."""
