"""Scrapy responses, as the plain replies that the pure steps read."""

from scrapy.http import Response

from crawler.records import Reply
from crawler.replay.body import decode_body


def reply_of(response: Response) -> Reply:
    """Return what the archive answered, with header names in lower case."""
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return Reply(response.url, response.status, headers, response.body)


def decoded(response: Response, maxsize: int) -> Response:
    """Return a response without its Content-Encoding; see `decode_body` for what it raises."""
    headers = reply_of(response).headers
    body = decode_body(headers, response.body, maxsize, whole=response.status == 200)
    plain = response.headers.copy()
    plain.pop("Content-Encoding", None)
    return response.replace(headers=plain, body=body)
