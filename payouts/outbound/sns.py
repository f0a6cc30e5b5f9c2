"""SMS by AWS SNS. It knows no reference of ours and can't be asked what became of one.

Its receipts lie in CloudWatch Logs; a subscription there may hand them to `/hooks/aws-sns/`.
"""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)
from botocore.parsers import ResponseParserError

from payouts.outbound.messages import CODE, REF, Accepted, Outcome, Refused, Text, Unknown

ABOUT_THEM = {"InvalidParameter", "InvalidParameterValue", "OptedOut"}
LATER = {"Throttling", "ThrottledException", "Throttled"}
NOT_SENT = (EndpointConnectionError, ConnectTimeoutError, NoCredentialsError)


class Sns:
    """SMS_PROVIDER=aws-sns://[KEY:SECRET@]REGION; without a key, what the machine's role gives."""

    def __init__(
        self,
        options: dict[str, Any],
        timeout: float,
        concurrency: int = 8,
        rate: float = 0,
        receipts: bool = False,
        sender: str = "",
    ) -> None:
        self.concurrency, self.rate, self.receipts = concurrency, rate, receipts
        self.attributes = {"AWS.SNS.SMS.SMSType": _text("Transactional")}
        if sender:
            self.attributes["AWS.SNS.SMS.SenderID"] = _text(sender)
        config = Config(
            connect_timeout=timeout,
            read_timeout=timeout,
            retries={"total_max_attempts": 1},  # a second try is ours to decide
            max_pool_connections=concurrency,
        )
        self.client = boto3.client("sns", config=config, **options)

    def send(self, reference: str, address: str, text: Text) -> Outcome:
        """One publication, tried once."""
        try:
            answer = self.client.publish(
                PhoneNumber=address, Message=text.body, MessageAttributes=self.attributes
            )
        except ClientError as error:
            return _refused(error)
        except NOT_SENT:
            return Refused("unreachable", permanent=False, technical=True)
        except (BotoCoreError, ResponseParserError):
            return Unknown()
        return Accepted(str(answer["MessageId"])[:REF])

    def lookup(self, reference: str) -> Outcome | None:
        """Always Unknown."""
        return Unknown()


def _refused(error: ClientError) -> Outcome:
    """What AWS says: about the number, for now, about us, or that it broke on the way."""
    code = str(error.response.get("Error", {}).get("Code", ""))[:CODE]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if status >= 500:
        return Unknown(code or str(status))
    if code in ABOUT_THEM:
        return Refused(code, permanent=True)
    return Refused(code or str(status), permanent=False, technical=code not in LATER)


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
