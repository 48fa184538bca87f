"""Whether somebody on the network answers, found out by asking."""

import ssl
import urllib.error
import urllib.request
from http.client import HTTPException

from crosswheel.errors import ProvisionError

SECONDS = 4.0


def answers(url: str, fact: str) -> None:
    """Ask for a page's head; whatever the answer says, it is one. Proxies are those of the environment.

    :param fact: what is the case where nobody answers.
    :raises ProvisionError: nobody does within seconds, or the certificate is not trusted.
    """
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 -- of uv's table, or of a registry's name
    try:
        urllib.request.urlopen(request, timeout=SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError:
        return
    except urllib.error.URLError as error:
        raise ProvisionError(fact, cause=str(error.reason)) from None
    except (OSError, ValueError, HTTPException, ssl.SSLError) as error:
        raise ProvisionError(fact, cause=str(error) or type(error).__name__) from None
