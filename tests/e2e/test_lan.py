"""The home's network: a phone gets in by a code and over TLS, and by nothing else."""

import json
import re
import ssl
import urllib.error
import urllib.request

import pytest

from api.lan import NoHomeNetwork, addresses


def test_a_phone_joins_over_tls_with_the_printed_code_only(start, tmp_path):
    try:
        (own, *_) = addresses()
    except NoHomeNetwork:
        pytest.skip("needs a network with an address of its own")
    said = start("run", "--lan", "--port", 0, "--data", tmp_path).says("Ctrl-C")
    assert "isn't private" in said
    assert "fingerprint" in said
    url = re.search(r"https://\S+/join/(\S+)", said)
    base, code = url.group().rsplit("/join/", 1)[0], url.group(1)
    assert base.startswith(f"https://{own}:")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "home-network.pem"))

    def ask(path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(base + path, data, {"content-type": "application/json"})
        return urllib.request.urlopen(request, timeout=10, context=trusting)

    with pytest.raises((ConnectionError, urllib.error.URLError)):  # no TLS, no answer
        urllib.request.urlopen(base.replace("https", "http") + "/welcome", timeout=5)
    joined = ask("/join", {"code": code, "name": "Jonas"})
    assert json.loads(joined.read())["name"] == "Jonas"
    assert "secure" in joined.headers["set-cookie"].lower()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask("/join", {"code": code, "name": "Eve"})
    # Who keeps the computer is not locked out by a phone that was quicker than they.
    own = re.search(r"^  ((?:\w{4}-){5}\w{4})$", said, re.MULTILINE).group(1)
    assert json.loads(ask("/way-back", {"words": own}).read())["name"] == "You"
