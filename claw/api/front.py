"""What a person sees who types the bare address into a browser."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from claw import __version__

WORDS = f"""Claw {__version__} is up.

Text the house from a terminal:   claw ask "turn on the kitchen light"
See what is in it:                claw things
Look for more:                    claw discover

For programs: POST /api/v1/pair with the pairing code gives a token; /api/v1/openapi.json says what it can do.
"""


def router() -> APIRouter:
    """The front door. It tells nothing about the household."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/", response_class=PlainTextResponse)
    async def front() -> str:
        return WORDS

    return routes
