"""As much of KMS as tables need: keys, their aliases and states, and ``DescribeKey``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import NotSimulatedError, ServiceError, refusal

if TYPE_CHECKING:
    from tests.simulator.dynamodb.wire import Json

AWS_MANAGED: Final = "alias/aws/dynamodb"


@dataclass
class Key:
    """A KMS key."""

    arn: str
    is_enabled: bool = True
    is_denied: bool = False
    is_symmetric: bool = True

    @property
    def key_id(self) -> str:
        """The part of the ARN that KMS calls the key id."""
        return self.arn.rpartition("/")[2]


class Keys:
    """All keys of one account and region; the AWS managed key for DynamoDB is always there."""

    def __init__(self, account: str, region: str) -> None:
        """Start with the AWS managed key only."""
        self._prefix = f"arn:aws:kms:{region}:{account}:"
        self._keys: dict[str, Key] = {}
        self._aliases: dict[str, Key] = {}
        self.is_describe_denied = False
        self.add(AWS_MANAGED)

    def add(self, alias: str | None = None) -> Key:
        """Make a key, known by its alias as well."""
        key = Key(f"{self._prefix}key/{uuid.uuid4()}")
        self._keys[key.key_id] = key
        if alias is not None:
            self.point(alias, key)
        return key

    def point(self, alias: str, key: Key) -> None:
        """Let an alias name this key from now on."""
        self._aliases[alias] = key

    def remove(self, alias: str) -> None:
        """Let an alias name no key any more."""
        del self._aliases[alias]

    def find(self, key_id: str) -> Key | None:
        """The key of an id, alias, key ARN or alias ARN."""
        bare = key_id.removeprefix(self._prefix)
        return self._aliases.get(bare) or self._keys.get(bare.removeprefix("key/"))

    def usable(self, key_id: str) -> Key:
        """The key as DynamoDB uses it, resolved at write time (T-078), or the refusal (T-020, T-022, T-461)."""
        key = self.find(key_id)
        if key is None:
            raise refusal("kms-validation", why=_of_kms("NotFoundException", f"Key '{key_id}' does not exist"))
        if key.is_denied:
            raise refusal("kms-access-denied", why=_of_kms("AccessDeniedException", "kms:CreateGrant is not allowed"))
        if not key.is_enabled:
            raise refusal("kms-key-disabled", why=_of_kms("DisabledException", f"{key.arn} is disabled."))
        if not key.is_symmetric:
            raise refusal("kms-internal-error", why=_of_kms("InvalidKeyUsageException", f"{key.arn} is asymmetric"))
        return key

    def answer(self, operation: str, params: Json) -> Json:
        """DescribeKey; of KMS nothing else is simulated."""
        if operation != "DescribeKey":
            raise NotSimulatedError(f"kms:{operation}")
        key_id = params["KeyId"]
        if self.is_describe_denied:
            text = f"User is not authorized to perform: kms:DescribeKey on resource: {key_id}"
            raise ServiceError("AccessDeniedException", text)
        key = self.find(key_id)
        if key is None:
            raise ServiceError("NotFoundException", f"Invalid keyId {key_id}")
        return {"KeyMetadata": self._metadata(key)}

    def _metadata(self, key: Key) -> dict[str, object]:
        return {
            "KeyId": key.key_id,
            "Arn": key.arn,
            "Enabled": key.is_enabled,
            "KeyState": "Enabled" if key.is_enabled else "Disabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyManager": "AWS" if key is self._aliases.get(AWS_MANAGED) else "CUSTOMER",
        }


def _of_kms(code: str, message: str) -> str:
    return (
        f"com.amazonaws.services.kms.model.{code}: {message} (Service: AWSKMS; Status Code: 400; "
        f"Error Code: {code}; Request ID: {uuid.uuid4()}; Proxy: null)"
    )
