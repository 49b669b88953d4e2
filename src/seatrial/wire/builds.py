"""A build as JSON: the union of all keys that the documents show, always all of them (contract 1.1, decision 21)."""

from seatrial.domain.access import Person
from seatrial.domain.attachment import Attachment
from seatrial.domain.build import (
    DEFAULT_SCRIPT_KEYS,
    DEPLOYER_INFO_KEYS,
    ApplicationInfo,
    Build,
    BuildFile,
    BuildStatus,
    Deployer,
    FileType,
    Progress,
    StorageProvider,
)
from seatrial.wire.buildinfo import info_json
from seatrial.wire.links import Links
from seatrial.wire.timestamps import timestamp


def build_json(build: Build, links: Links) -> dict[str, object]:
    """Show a build; `error` and `errorCode` are there only when it failed."""
    failed = {"error": build.error, "errorCode": build.error_code} if build.status is BuildStatus.ERROR else {}
    icon = build.file(FileType.ICON)
    return {
        "id": build.id,
        "status": build.status.value,
        "tags": list(build.tags),
        "versionName": build.version_name,
        "application": build.application.id,
        "applicationInfo": _application(build.application, links),
        "changelog": build.changelog,
        "info": info_json(build, links),
        "size": build.size,
        "processTime": build.process_ms,
        "queuedTime": build.queued_ms,
        "versionCode": build.version_code,
        **failed,
        "os": build.os,
        "buildPlatform": build.build_platform,
        "deployer": _deployer(build.deployer),
        "uploadedBy": _person(build.uploaded_by),
        "originalExtension": build.original_extension,
        "storageProvider": _storage(build.storage_provider),
        "files": [_entry(file, links) for file in build.files if file.type is not FileType.SUBMITTED_ICON],
        "hasEmmJson": build.info is not None and build.info.managed_configuration,
        "iconFile": _file(icon, links) if icon else {},
        "processLogs": [{"level": "warning", "message": warning} for warning in build.warnings],
        "metadata": build.metadata,
        "externalFileUrl": "",
        "defaultScripts": {key: build.default_scripts.get(key, "") for key in DEFAULT_SCRIPT_KEYS},
        "disabled": build.disabled,
        "updatedAt": timestamp(build.updated_at),
        "createdAt": timestamp(build.created_at),
    }


def _application(application: ApplicationInfo, links: Links) -> dict[str, str]:
    return {
        "id": application.id,
        "name": application.name,
        "slug": application.slug,
        "picture": links.picture(application.picture),
    }


def _deployer(deployer: Deployer) -> dict[str, object]:
    return {"name": deployer.name, "info": {key: deployer.info.get(key, "") for key in DEPLOYER_INFO_KEYS}}


def _person(person: Person) -> dict[str, str]:
    return {
        "id": person.id,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "picture": person.picture,
    }


def _storage(provider: StorageProvider) -> dict[str, str]:
    return {"id": provider.id, "name": provider.name, "region": provider.region}


def _entry(file: BuildFile, links: Links) -> dict[str, object]:
    shown = _file(file, links)
    # Our own key beside the contract's: only attachments have it.
    extra = {"details": _details(file.details)} if file.type is FileType.ATTACHMENT else {}
    return {
        "id": file.id,
        "type": file.type.value,
        "description": file.description,
        "file": shown,
        **extra,
        "createdAt": shown["createdAt"],
        "updatedAt": shown["updatedAt"],
    }


def _details(found: Attachment | None) -> dict[str, object]:
    if found is None:
        return {}
    return {
        "kind": found.kind.value,
        "summary": found.summary,
        "matches": found.matches,
        "matchNote": found.match_note,
        "symbols": [{"name": one.name, "architecture": one.architecture, "id": one.id} for one in found.symbols],
        "facts": found.facts,
        "counts": found.counts,
        "warnings": list(found.warnings),
    }


def _file(file: BuildFile, links: Links) -> dict[str, object]:
    return {
        "originalName": file.original_name,
        "mimetype": file.mimetype,
        "size": file.size,
        "bucket": file.bucket,
        "key": file.key,
        "location": links.location(file),
        "region": file.region,
        "storageProviderId": file.storage_provider_id,
        "checksum": file.checksum,
        "updatedAt": timestamp(file.updated_at),
        "createdAt": timestamp(file.created_at),
    }


def progress_json(build_id: str, progress: Progress) -> dict[str, object]:
    """Write how far a build is."""
    said: dict[str, object] = {"id": build_id, "status": progress.status.value, "step": progress.stage}
    if progress.status is BuildStatus.ERROR:
        said |= {"error": progress.error, "errorCode": progress.error_code}
    return said
