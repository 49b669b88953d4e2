"""What apps' SDKs call: with the app's token, and `x-sdk-auth-token` once somebody signed in (contract 2.6)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.access import AppScope
from seatrial.domain.app import AppSettings
from seatrial.domain.errors import InvalidToken, TokenExpired
from seatrial.domain.membership import MemberIdentity
from seatrial.storage.portion import portion
from seatrial.web.auth import from_app_token, from_workspace_path, sdk_member
from seatrial.web.body import body_chunks, content_length, read_body
from seatrial.web.context import context_of
from seatrial.web.digests import idempotency_key, repeated
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply, visitor_of
from seatrial.wire.devices import device_of
from seatrial.wire.downloads import download_token_json
from seatrial.wire.feedbacks import feedback_said, received_json, video_target_json
from seatrial.wire.sdk import configuration_json, sdk_settings, sdk_settings_json


async def configuration(request: Request) -> Response:
    """Tell an app how it is set up, and which build is the last one."""
    context, scope = context_of(request), await from_app_token(request)
    member, device = await _member(request, scope), device_of(request.headers)
    found = await context.read(lambda: context.sdk.configuration(scope, device, member))
    return reply(configuration_json(found.app, found.platforms, found.rules, found.offers))


async def issue(request: Request) -> Response:
    """Make a download token for the device that asks."""
    context, scope = context_of(request), await from_app_token(request)
    member, device = await _member(request, scope), device_of(request.headers)
    token = await context.write(lambda: context.sdk.issue(scope, request.path_params["build"], device, member))
    return reply(download_token_json(token))


async def send_feedback(request: Request) -> Response:
    """Take feedback in; where a film is announced, say where it is to be sent."""
    context, scope = context_of(request), await from_app_token(request)
    member, device = await _member(request, scope), device_of(request.headers)
    length, key = content_length(request.headers), idempotency_key(request.headers)
    await context.read(lambda: context.feedbacks.begin(scope, length))
    said = feedback_said(await read_body(request, context.body_limits.feedback, context.body_limits.idle_read))
    visitor = visitor_of(request)
    found = await context.store(lambda: context.feedbacks.receive(scope, said, device, member, visitor, key))
    await context.read(lambda: context.sdk.note(scope, device, "feedback"))
    shown = received_json(found.feedback)
    if found.upload is not None:
        location = links_of(request).feedback_video(found.feedback.id, found.upload)
        shown |= video_target_json(found.feedback, found.upload_bucket, location)
    return reply(shown, headers=repeated(found.is_repeated))


async def send_video(request: Request) -> Response:
    """Take in the film that feedback announced, as it comes; the answer comes when it is safe."""
    context, path, said = context_of(request), request.path_params, request.query_params
    expires = said.get("expires", "")
    moment = int(expires) if expires.isascii() and expires.isdigit() and len(expires) < 12 else 0
    signature, length = said.get("signature", ""), content_length(request.headers)
    key = idempotency_key(request.headers)
    videos = context.feedback_videos
    with context.upload_places.one():
        intake = await context.write(lambda: videos.begin(path["feedback"], moment, signature, length, key))
        try:
            buffer = bytearray()
            async for chunk in body_chunks(request, context.body_limits.idle_read):
                buffer += chunk
                if len(buffer) >= portion(context.upload_places.taken):
                    full, buffer = buffer, bytearray()
                    await context.store(lambda: intake.write(full))  # noqa: B023  # awaited before the next turn
            await context.store(lambda: intake.write(buffer))
            await context.store(lambda: videos.accept(intake))
        except BaseException:
            await context.store(lambda: videos.abandon(intake))
            raise
    return reply({"received": True}, headers=repeated(intake.is_repeated))


async def show_settings(request: Request) -> Response:
    """Show how an app's SDK is set up."""
    context, scope = context_of(request), await from_workspace_path(request)
    found = await context.read(lambda: context.apps.get(scope))
    return reply(sdk_settings_json(found.sdk))


async def update_settings(request: Request) -> Response:
    """Change what the body names; the rest stays."""
    context, scope = context_of(request), await from_workspace_path(request)
    settings = AppSettings(sdk=sdk_settings(await json_body(request)))
    changed = await context.write(lambda: context.apps.update(scope, settings))
    return reply(sdk_settings_json(changed.sdk))


async def _member(request: Request, scope: AppScope) -> MemberIdentity | None:
    """Find who has signed in; a session that is over is none, so that where nobody need sign in all goes on."""
    try:
        return await sdk_member(request, scope)
    except (InvalidToken, TokenExpired):
        return None
