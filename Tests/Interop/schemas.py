# SPDX-License-Identifier: Apache-2.0
"""Request bodies for the schemas of Cinder's API, and what we do otherwise on purpose."""

UNKNOWN = "44444444-4444-4444-8444-444444444444"
TEXTS = (None, "", "a", " a ", "\t", "n" * 255, "n" * 256, "ü" * 255, "ü" * 256, " " * 256, 5, True, [], {}, ["a"])
FLAGS = (True, False, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes", "y", "t", "False", "FALSE",
         "false", "0", "OFF", "Off", "off", "NO", "No", "no", "n", "f", "", "maybe", "2", 2, 1.5, [], {})
IDS = (None, UNKNOWN, UNKNOWN.upper(), "", "a", UNKNOWN[:-1], UNKNOWN + "0", 5, True, [], {})
SIZES = (1, "1", 5, 2**31 - 1, 0, -1, "0", "-1", "a", "", 1.5, 2**31, 2**40, "99999999999999999999", True, [], {})
METADATA = (None, {}, {"k": "v"}, {"k": ""}, {"": "v"}, {"k": None}, {"k": 1}, {"k": True}, {"k": ["v"]},
            {"k": "v" * 255}, {"k": "v" * 256}, {"k" * 255: "v"}, {"k" * 256: "v"}, {"a": "b", "c:d-e_f.g /": "h"}, [], "k=v", 5)


def bodies(envelope, required, members):
    """Each member with each value, and the shapes around them."""
    yield from ({}, {envelope: None}, {envelope: []}, {envelope: "x"}, {envelope: {}}, {"x": {}})
    yield {envelope: dict(required), "x": 1}
    yield {envelope: {**required, "x": 1}}
    for member, values in members.items():
        for value in values:
            yield {envelope: {**required, member: value}}


BACKUP = f"/backups/{UNKNOWN}"
# Method, path, schema, bodies. Nothing is there that the requests are about, so what is accepted is 404.
REQUESTS = (
    ("POST", "/backups", "backups.create_backup_v351", bodies("backup", {"volume_id": UNKNOWN}, {
        "volume_id": IDS, "name": TEXTS, "description": TEXTS, "container": TEXTS, "availability_zone": TEXTS,
        "incremental": FLAGS, "force": FLAGS, "snapshot_id": IDS, "metadata": METADATA})),
    ("PUT", BACKUP, "backups.update_backup_v343", bodies("backup", {"name": "x"}, {
        "name": TEXTS, "description": TEXTS, "metadata": METADATA})),
    ("POST", BACKUP + "/restore", "backups.restore", bodies("restore", {}, {"name": TEXTS, "volume_id": IDS})),
    ("POST", "/volumes", "volumes.create_volume_v353", bodies("volume", {"size": 1, "backup_id": UNKNOWN}, {
        "size": SIZES, "backup_id": IDS[1:], "name": TEXTS, "description": TEXTS, "metadata": METADATA,
        "volume_type": TEXTS})),
    ("POST", BACKUP + "/action", "admin_actions.reset_status_backup", bodies("os-reset_status", {"status": "error"}, {
        "status": (None, "", "error", "ERROR", "available", "deleted", "error_deleting", "restoring", "fine", 5, [])})),
)


def differs_on_purpose(path, body):
    """Where Cinder and we part, and why; None where we must agree."""
    members = next(iter(body.values()), None) if len(body) == 1 else None
    members = members if isinstance(members, dict) else {}
    if members.get("snapshot_id") is not None:
        return "there are no snapshots: it may be empty, and nothing else"
    if members.get("description") == "\t":
        return "a description may have tabs and lines"
    if members.get("container") in ("", " a ", "\t", "ü" * 255, " " * 256):
        return "a container is a path"
    if path == BACKUP and all(value is None for value in members.values()):
        return "a change has to change something"
    if path == BACKUP and members.get("metadata", 0) is None:
        return "null changes nothing"
    if body == {"volume": {}}:
        return "a volume has a size"
    if path == "/volumes" and " " * 256 in members.values():
        return "blanks count"
    if members.get("status") in ("deleted", "error_deleting", "restoring"):
        return "any status cancels a restore"
    return None
