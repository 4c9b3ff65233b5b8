"""One error as RFC 9457 problem details: a line that a person can act on."""

from __future__ import annotations

import logging
from http import HTTPStatus

from starlette.responses import JSONResponse

from claw.errors import ClawError

log = logging.getLogger(__name__)

TYPE = "urn:claw:problem:"


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """One problem document."""
    body = {"type": TYPE + code, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def refusal(error: ClawError) -> JSONResponse:
    """An error of ours."""
    headers = {"WWW-Authenticate": 'Bearer realm="claw"'} if error.status == HTTPStatus.UNAUTHORIZED else None
    return problem(error.status, error.code, str(error), headers)


def unexpected(method: str, path: str, error: Exception) -> JSONResponse:
    """An error of nobody's; the log has it whole."""
    log.error("%s %s failed", method, path, exc_info=error)
    detail = "Claw met an error it did not expect; its log has the details."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", detail)
