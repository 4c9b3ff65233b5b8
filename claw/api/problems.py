"""Every error of the API as RFC 9457 problem details."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from claw.api.refusal import problem, refusal, unexpected
from claw.errors import ClawError


async def _claw(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ClawError):
        raise error
    return refusal(error)


async def _http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, "http", str(error.detail), dict(error.headers or {}))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", f"{where}: {first['msg']}.")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    return unexpected(request.method, request.url.path, error)


def install(app: FastAPI) -> None:
    """Answer every error of `app` in this form."""
    app.add_exception_handler(ClawError, _claw)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)
