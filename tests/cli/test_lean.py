"""What is left for later still comes when it is wanted."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import ssl, sys
from claw.cli.lean import prepare
prepare()
import aiohttp.connector as connector
verified = connector._SSL_CONTEXT_VERIFIED
assert verified.verify_mode is ssl.CERT_REQUIRED and verified.check_hostname
assert not verified.cert_store_stats()["x509_ca"]
verified.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="example.org")
print(verified.cert_store_stats()["x509_ca"] == ssl.create_default_context().cert_store_stats()["x509_ca"])
print("set_default_verify_paths" in vars(ssl.SSLContext), ssl.SSLContext.load_default_certs.__module__)
"""


def test_certificates_are_there_at_the_first_connection_and_ssl_is_as_it_was() -> None:
    ran = subprocess.run([sys.executable, "-W", "error", "-c", CODE], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("True\nFalse ssl\n", "")
