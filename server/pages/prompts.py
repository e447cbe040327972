"""Pages for editing what callers hear: the list of prompts, and one with its sound and versions."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import Response

from server.bot_command_line import Prompt, Voice
from server.context import Context
from server.dependencies import ContextDep
from server.errors import RuleError
from server.pages.common import FormOk, SupervisorOnly, go_saying, page
from server.services import service_texts
from server.web.policy import WITH_SOUND

ADDRESS = "/prompts"
router = APIRouter(prefix=ADDRESS, include_in_schema=False)
Texts = Annotated[list[str], Form(max_length=9)]
Number = Annotated[int, Form(ge=1, le=9)]


def voice_of(request: Request) -> Voice:
    """The bot's command line, which tests replace."""
    found: Voice = request.app.state.voice
    return found


@router.get("")
def show_all(request: Request, context: ContextDep, me: SupervisorOnly) -> Response:
    """Every prompt as it is heard now."""
    with context.database.read() as session:
        edited = service_texts.edited_prompts(session)
    try:
        known = voice_of(request).prompts(edited)
    except RuleError as error:
        return page(request, "prompts.html", 503, groups={}, edited=edited, problem=str(error))
    groups: dict[str, list[Prompt]] = {}
    for each in known.prompts:
        groups.setdefault(each.key.split(".")[0], []).append(each)
    return page(request, "prompts.html", groups=groups, edited=edited)


@router.get("/{key}")
def show_one(request: Request, context: ContextDep, me: SupervisorOnly, key: str) -> Response:
    """One prompt to edit."""
    voice_of(request).warm()
    return _prompt(request, context, key)


@router.post("/{key}", dependencies=[FormOk])
def save(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    key: str,
    text: Texts,
    listen: Annotated[int, Form(ge=0, le=9)] = 0,
    preview: Annotated[bool, Form()] = False,
) -> Response:
    """Save texts, show how they would be heard, or let one of them be heard."""
    texts = [each for each in (" ".join(line.split()) for line in text) if each]
    try:
        if preview or listen:
            return _prompt(request, context, key, texts, listen=listen)
        service_texts.save(context, voice_of(request), key, texts, me.user_id)
    except RuleError as error:
        return _prompt(request, context, key, texts, error)
    return go_saying(request, me, f"{ADDRESS}/{key}", "Saved. The next caller hears it.")


@router.post("/{key}/restore", dependencies=[FormOk])
def restore(request: Request, context: ContextDep, me: SupervisorOnly, key: str) -> Response:
    """Go back to the texts that the bot ships with."""
    service_texts.restore_shipped(context, key, me.user_id)
    return go_saying(request, me, f"{ADDRESS}/{key}", "The original texts are back.")


def _prompt(
    request: Request,
    context: Context,
    key: str,
    entered: Sequence[str] | None = None,
    problem: RuleError | None = None,
    listen: int = 0,
) -> Response:
    """Render the page with the texts that hold now, or with those that were entered."""
    voice, sound, findings = voice_of(request), "", list[str]()
    with context.database.read() as session:
        edited = service_texts.edited_prompts(session)
        history = service_texts.versions(session, key)
    if entered is not None and problem is None:
        checked = service_texts.check(context, voice, key, entered)
        findings, found = checked.findings_of(key), checked.of(key)
        if 1 <= listen <= len(entered):
            sound = base64.b64encode(voice.speech(key, entered[listen - 1])).decode("ascii")
    else:
        found = _now(voice, edited, key)
    if found is None:
        raise HTTPException(404, "This prompt does not exist.")
    response = page(
        request,
        "prompt.html",
        problem.status if problem else 200,
        prompt=found,
        texts=entered if entered is not None else [each.text for each in found.texts],
        is_checked=entered is not None and problem is None,
        findings=findings,
        sound=sound,
        listen=listen,
        history=history,
        is_edited=key in edited,
        most=service_texts.MOST_TEXTS,
        problem=problem and str(problem),
    )
    response.headers["Content-Security-Policy"] = WITH_SOUND
    return response


def _now(voice: Voice, edited: Mapping[str, Sequence[str]], key: str) -> Prompt | None:
    """The prompt as it is heard now, if it exists."""
    try:
        return voice.prompts(edited).of(key)
    except RuleError as error:
        raise HTTPException(503, str(error)) from None
