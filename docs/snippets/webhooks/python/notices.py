"""Takes notices 回调通知 of hedui. Needs `cryptography` for Ed25519; the HMAC needs Python alone.

python notices.py KEYS.json URL: KEYS.json is the answer of GET /v1/notices/keys (Ed25519) or of
GET /v1/notices/key (HMAC), URL the callback_url as it was given. The example reads requests as JSON
lines, {"headers": {…, names in lower case}, "body": base64, "now": seconds}, and writes a word for
each; in a web application call `judge` with what came.
"""

import base64
import hashlib
import hmac
import json
import re
import sys
import time
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WINDOW = 300  # seconds that a notice may be on its way, and that clocks may differ
COVERED = ["@method", "@target-uri", "content-digest", "x-hedui-event", "x-hedui-timestamp"]
seen = set()  # in earnest a table with a unique column: `insert` and the work in one transaction


def judge(headers, body, keys, url, now=None):
    """accepted, repeated (answer 200, do nothing) or refused (answer 401)."""
    try:
        genuine = by_public_key if "keys" in keys else by_own_key
        is_genuine = genuine(headers, body, keys, url)
        sent_at = int(headers["x-hedui-timestamp"])
    except (KeyError, ValueError, InvalidSignature):
        return "refused"
    if not is_genuine or abs((time.time() if now is None else now) - sent_at) > WINDOW:
        return "refused"
    event = json.loads(body)["event_id"]
    if event != headers["x-hedui-event"]:
        return "refused"
    if event in seen:
        return "repeated"
    seen.add(event)
    return "accepted"


def by_own_key(headers, body, keys, url):
    signed = headers["x-hedui-timestamp"].encode() + b"." + body
    made = "sha256=" + hmac.new(bytes.fromhex(keys["key"]), signed, "sha256").hexdigest()
    return hmac.compare_digest(made.encode(), headers["x-hedui-signature"].encode())


def by_public_key(headers, body, keys, url):
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if headers["content-digest"] != f"sha-256=:{digest}:":
        return False
    told = re.fullmatch(
        r'hedui=(\(([^()]*)\)[^,]*;keyid="([^",]+)"[^,]*)', headers["signature-input"]
    )
    signature = re.fullmatch(r"hedui=:([A-Za-z0-9+/=]+):", headers["signature"])
    if told is None or signature is None:
        return False
    names = [name.strip('"') for name in told[2].split(" ")]
    [key] = [key for key in keys["keys"] if key["kid"] == told[3] and key["crv"] == "Ed25519"]
    if not set(COVERED) <= set(names):
        return False
    own = {"@method": "POST", "@target-uri": url}
    lines = [f'"{name}": {own.get(name) or headers[name]}' for name in names]
    base = "\n".join([*lines, f'"@signature-params": {told[1]}'])
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
    public.verify(base64.b64decode(signature[1]), base.encode())
    return True


if __name__ == "__main__":
    known = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    for line in sys.stdin:
        it = json.loads(line)
        body = base64.b64decode(it["body"])
        print(judge(it["headers"], body, known, sys.argv[2], it.get("now")), flush=True)
