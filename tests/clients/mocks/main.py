"""Every action of mocked services by the official SDK: rightly, with a parameter that is not there,
and without one that is required."""

import importlib
import json
import logging
import os
import sys
from pathlib import Path

from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from report import Report

TEXTS = {"datetime": "2026-01-01 00:00:00", "date": "2026-01-01", "datetime_iso": "2026-01-01T00:00:00Z"}


def newest(tables: Path, service: str) -> tuple[str, dict]:
    """The newest version of a service, and its metadata."""
    folder = max((tables / "tccli" / "services" / service).glob("v*/api.json")).parent
    return folder.name, json.loads((folder / "api.json").read_text())


def value(objects: dict, member: dict) -> object:
    """Something of the type of a member."""
    kind, of = member["type"], member["member"]
    if kind == "list":
        inner = "object" if of in objects else {"bool": "bool", "float": "float"}.get(of)
        inner = inner or ("int" if "int" in of else "string")
        return [value(objects, {"type": inner, "member": of})]
    if kind == "object":
        return required(objects, of)
    simple = {"int": 1, "float": 1.0, "bool": True}
    return simple[kind] if kind in simple else TEXTS.get(of, "text")


def required(objects: dict, name: str) -> dict:
    """An object with what is required."""
    members = [member for member in objects[name]["members"] if member.get("required")]
    return {member["name"]: value(objects, member) for member in members}


class Service:
    """A service, its SDK and its tables."""

    def __init__(self, tables: Path, name: str) -> None:
        folder, metadata = newest(tables, name)
        self.name, self.objects = name, metadata["objects"]
        self.version = metadata["metadata"]["apiVersion"]
        module = f"tencentcloud.{name}.{folder}"
        self.models = importlib.import_module(f"{module}.models")
        sdk = importlib.import_module(f"{module}.{name}_client")
        kind = next(it for it in vars(sdk).values() if getattr(it, "__module__", "") == sdk.__name__)
        address = os.environ["TCLOUD_ENDPOINT"].removeprefix("http://")
        profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=f"http://{address}"))
        key = Credential(
            os.environ["TENCENTCLOUD_SECRET_ID"], os.environ["TENCENTCLOUD_SECRET_KEY"]
        )
        self.client = kind(key, "ap-guangzhou", profile)
        self.untyped = CommonClient(name, self.version, key, "ap-guangzhou", profile)
        self.actions = [
            (action, facts)
            for action, facts in metadata["actions"].items()
            if hasattr(self.client, action)
        ]

    def right(self, action: str, facts: dict) -> None:
        request = getattr(self.models, facts["input"])()
        request.from_json_string(json.dumps(required(self.objects, facts["input"])))
        answer = getattr(self.client, action)(request)
        assert len(answer.RequestId) == 36, answer.RequestId

    def same(self, action: str, facts: dict) -> None:
        """What is read twice is the same."""
        sent = required(self.objects, facts["input"])
        answers = [self.untyped.call_json(action, sent)["Response"] for _ in range(2)]
        for answer in answers:
            del answer["RequestId"]
        assert answers[0] == answers[1], answers

    def wrong(self, action: str, sent: dict, code: str) -> None:
        try:
            answer = self.untyped.call_json(action, sent)
        except TencentCloudSDKException as error:
            assert error.get_code().startswith(code), error
            assert error.get_request_id(), error
            return
        raise AssertionError(f"{code} was expected: {answer}")


def main(tables: str, *names: str) -> int:
    # Refusals are expected here.
    logging.disable(logging.CRITICAL)
    report = Report("mocks")
    for name in names:
        service = Service(Path(tables), name)
        if not service.actions:
            report.differs(name, "the SDK has none of its actions")
        for action, facts in service.actions:
            what = f"{name}.{action}"
            report.case(what, service.right, action, facts)
            sent = required(service.objects, facts["input"])
            report.case(f"{what} twice", service.same, action, facts)
            strange = sent | {"NoSuchParameter": 1}
            report.case(f"{what}, unknown", service.wrong, action, strange, "UnknownParameter")
            if sent:
                less = dict(list(sent.items())[1:])
                report.case(f"{what}, missing", service.wrong, action, less, "MissingParameter")
        report.case(f"{name}, no action", service.wrong, "NoSuchAction", {}, "InvalidAction")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
