"""A passkey's device in software: makes keys for a page's origin and signs challenges, rightly or as a test wants it wrong.

Written from WebAuthn Level 3: authenticator data 6.1, attested credential data 6.5.1, “none” attestation 8.7, client data 5.8.1.
"""

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(base64url):
    return urlsafe_b64decode(base64url + "=" * (-len(base64url) % 4))


@dataclass
class Authenticator:
    """One passkey, for the page at `origin`. `counts`: whether it counts its uses; many that sync do not."""

    origin: str
    name: str = "localhost"
    counts: bool = True
    verifies: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(16))
    user_handle: bytes = b""
    uses: int = 0

    def make(self, options):
        """What `navigator.credentials.create` answers."""
        self.user_handle = data(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(cose)
        said = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        client = self._client("webauthn.create", options["challenge"])
        parts = {"attestationObject": text(cbor2.dumps(said)), "transports": ["internal", "hybrid", "smoke"]}
        return self._answer(client, parts)

    def sign(self, options):
        """What `navigator.credentials.get` answers."""
        self.uses += self.counts
        client, about = self._client("webauthn.get", options["challenge"]), self._data(0)
        signature = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {
            "authenticatorData": text(about), "signature": text(signature), "userHandle": text(self.user_handle),
        }  # fmt: skip
        return self._answer(client, parts)

    def _data(self, flags):
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.name.encode()).digest() + struct.pack(">BI", flags, self.uses)

    def _client(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, client, parts):
        named = text(self.credential_id)
        response = {"clientDataJSON": text(client), **parts}
        return {"id": named, "rawId": named, "type": "public-key", "response": response}
