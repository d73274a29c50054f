"""Why there is no TLS, or none that can be trusted: a code for each thing that is mended differently.

OpenSSL has numbers for what is wrong with a certificate. Drivers with a TLS of their own (Go, Rust, libpq)
have words only; those are read here.
"""

from __future__ import annotations

import re
import ssl

from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .addresses import address, scrubbed

#: X509_V_ERR_…
_NUMBERS = {
    9: "tls-not-yet-valid",
    10: "tls-expired",
    62: "tls-name-mismatch",
    64: "tls-name-mismatch",
}
_WORDS = (
    (
        re.compile(
            r"hostname mismatch|ip address mismatch|not valid for|is valid for|does not match", re.IGNORECASE
        ),
        "tls-name-mismatch",
    ),
    (re.compile(r"not yet valid(?!.* is after)|notvalidyet|is before", re.IGNORECASE), "tls-not-yet-valid"),
    (re.compile(r"expired", re.IGNORECASE), "tls-expired"),
)
#: What is wrong with a chain, and what to do.
_CHAINS = (
    (
        re.compile(
            r"self[- ]signed certificate in certificate chain|unknown (?:authority|ca\b)", re.IGNORECASE
        ),
        "unknown-authority",
        "It is signed by an authority that is not trusted here",
    ),
    (
        re.compile(r"self[- ]signed", re.IGNORECASE),
        "self-signed",
        "It is signed by itself and by no authority",
    ),
    (
        re.compile(r"unable to get (?:local )?issuer|unable to verify|unknownissuer", re.IGNORECASE),
        "incomplete",
        (
            "Nothing leads from it to an authority that is trusted here: that is unknown, or the server does "
            "not send the certificates in between"
        ),
    ),
)
_VERSION = re.compile(
    r"unsupported[_ ]protocol|protocol[_ ]version|no[_ ]protocols[_ ]available|wrong[_ ]ssl[_ ]version",
    re.IGNORECASE,
)
#: Alerts of the server's about the certificate of the client.
_WANTED = re.compile(r"certificate[_ ]required|client certificate", re.IGNORECASE)
_REFUSED = re.compile(
    r"alert[_ ](?:bad[_ ]certificate|unknown[_ ]ca|unsupported[_ ]certificate"
    r"|certificate[_ ](?:revoked|expired|unknown))"
    r"|remote error: tls: (?:bad|unknown) certificate",
    re.IGNORECASE,
)


def no_tls(ready: Ready, label: str) -> UnderpassError:
    """The integration wants TLS and the server has none; nothing was sent to it."""
    return fail(
        "tls-not-offered",
        "tls",
        f"{label} on {address(ready)} does not offer TLS.",
        "Switch TLS on in the server, or choose the mode preferred.",
    )


def wrong_certificate(ready: Ready, reason: str, number: int = 0) -> UnderpassError:
    """Strict, and the certificate is not what it should be.

    Args:
        ready: The integration.
        reason: In OpenSSL's words, or another library's.
        number: OpenSSL's, where there is one.
    """
    reason = scrubbed(reason, ready)
    code = _NUMBERS.get(number) or next(
        (code for words, code in _WORDS if words.search(reason)), "tls-untrusted"
    )
    who = f"The certificate that {address(ready)} presents"
    detail = {"reason": reason}
    if code == "tls-name-mismatch":
        message, fix = (
            f"{who} is for another name.",
            "Use the name in the certificate as the integration's host.",
        )
    elif code == "tls-expired":
        message, fix = f"{who} has expired.", "Have the server's administrator renew it."
    elif code == "tls-not-yet-valid":
        message = f"{who} is not valid yet."
        fix = "Check the clock of this machine; if it is right, ask the server's administrator."
    else:
        kind, what = next(
            ((kind, what) for words, kind, what in _CHAINS if words.search(reason)),
            ("other", f"The reason: {reason}"),
        )
        message = f"{who} is not trusted. {what}."
        fix = "Put the certificate of the authority that signed it into the integration's CA certificate."
        if kind == "incomplete":
            fix += " If it is there, have the server's administrator install the whole chain."
        detail["chain"] = kind
    return fail(code, "tls", message, fix, **detail)


def certificate_refused(ready: Ready, error: ssl.SSLCertVerificationError) -> UnderpassError:
    """As Python's TLS says it."""
    return wrong_certificate(ready, error.verify_message or str(error), error.verify_code)


def tls_failed(ready: Ready, reason: str) -> UnderpassError:
    """The handshake failed for another reason than the server's certificate."""
    reason = scrubbed(reason, ready)
    where = address(ready)
    if _VERSION.search(reason):
        return fail(
            "tls-version",
            "tls",
            f"{where} and this client have no version of TLS in common: {reason}.",
            "Have the server's administrator allow TLS 1.2 or 1.3.",
            reason=reason,
        )
    if _WANTED.search(reason) or _REFUSED.search(reason):
        return client_certificate(ready, reason)
    return fail(
        "tls-failed",
        "tls",
        f"TLS with {where} failed: {reason}",
        "Check the port and the TLS mode of the integration, and which versions of TLS the server allows.",
        reason=reason,
    )


def client_certificate(ready: Ready, reason: str) -> UnderpassError:
    """The server wants a certificate of the client, or another one."""
    has = bool(ready.fields.get("clientCertificate"))
    what = "does not take the client certificate of the integration" if has else "wants a client certificate"
    return fail(
        "tls-client-certificate",
        "tls",
        f"{address(ready)} {what}: {scrubbed(reason, ready)}",
        "Ask its administrator for a certificate that the server takes, and give it with its key.",
        reason=scrubbed(reason, ready),
    )
