# SPDX-License-Identifier: Apache-2.0
"""Of what schemathesis makes up, a part becomes what is there, so that requests go past the first look-up.

Which part depends on what it made up, so that a seed gives the same requests again as long as the same is there. Also
notes the status of each answer.
"""
import json
import os
import re
import urllib.request
import zlib

import schemathesis

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
KNOWN = json.loads(os.environ["CONFORMANCE"])


def read(base, path):
    request = urllib.request.Request(f"{base}/{path}", headers={"X-Auth-Token": KNOWN["token"]})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def existing(base, collection):
    return sorted(one["id"] for one in read(base, collection)[collection])


def chosen(made_up, choices):
    """One of `choices` in three of four cases; else what was made up."""
    number = zlib.crc32(made_up.encode(errors="replace"))
    return choices[number // 4 % len(choices)] if number % 4 and choices else made_up


def new_image():
    """An image file that is no volume yet."""
    path = f"{KNOWN['images']}/image{len(os.listdir(KNOWN['images']))}"
    with open(path, "wb") as image:
        image.truncate(2**20)
    return path


def is_id(value):
    return isinstance(value, str) and UUID.fullmatch(value)


@schemathesis.hook
def before_call(context, case, kwargs):
    base = case.operation.base_url.rstrip("/")
    # What deletes leaves some of it there for the others.
    kept = KNOWN["kept"] if case.method.upper() == "DELETE" or case.operation.path.endswith("/action") else []
    for kind in "backup", "volume":
        made_up = (case.path_parameters or {}).get(f"{kind}_id")
        if is_id(made_up):
            ids = [one for one in existing(base, f"{kind}s") if one not in kept]
            case.path_parameters[f"{kind}_id"] = chosen(made_up, ids)
    if "key" in (case.path_parameters or {}):
        improve_key(case, base)
    query = case.query or {}
    # Schemathesis takes every parameter that is not described for an error; here it changes nothing.
    described = {one.get("name") for one in case.operation.definition.raw.get("parameters", [])}
    for name in query.keys() - described:
        del query[name]
    if re.fullmatch("[0-9]{1,3}", str(query.get("wait"))):
        query["wait"] = str(min(int(query["wait"]), 1))
    if isinstance(case.body, dict) and len(case.body) == 1:
        content = next(iter(case.body.values()))
        if isinstance(content, dict):
            improve(content, base)


def improve_key(case, base):
    """Of the metadata of a volume that is there: one of its keys, which the body that sets it must name, too."""
    volume, key = case.path_parameters["volume_id"], case.path_parameters["key"]
    if volume in existing(base, "volumes"):
        case.path_parameters["key"] = chosen(key, sorted(read(base, f"volumes/{volume}/metadata")["metadata"]))
    meta = case.body.get("meta") if isinstance(case.body, dict) else None
    if isinstance(meta, dict) and len(meta) == 1:
        case.body["meta"] = {chosen(key, [case.path_parameters["key"]]): next(iter(meta.values()))}


def improve(content, base):
    if is_id(content.get("volume_id")):
        # Small ones: a volume that was made in between may take longer.
        content["volume_id"] = chosen(content["volume_id"], KNOWN["volumes"])
    if is_id(content.get("backup_id")):
        content["backup_id"] = chosen(content["backup_id"], existing(base, "backups"))
    if type(content.get("size")) is int and content["size"] > 3:
        content["size"] = int(chosen(str(content["size"]), [1, 2, 3]))
    reference = content.get("ref")
    if isinstance(reference, dict) and str(reference.get("source-name")).startswith("/"):
        reference["source-name"] = chosen(reference["source-name"], [new_image(), f"{KNOWN['images']}/image0"])
    if isinstance(content.get("backup_url"), str) and isinstance(content.get("backup_service"), str):
        record = chosen(content["backup_service"] + content["backup_url"], [KNOWN["record"]])
        if isinstance(record, dict):
            content.update(record)


@schemathesis.hook
def after_call(context, case, response):
    with open(KNOWN["statuses"], "a", encoding="utf-8") as statuses:
        print(case.method.upper(), case.operation.path, response.status_code, file=statuses)
