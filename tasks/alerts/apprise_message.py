"""Sends a message to people: mail or chat, whatever Apprise has a URL for.

A mail keeps its Message-ID (RFC 5322, section 3.6.4) when it is repeated, so that mail programs show it once.
Apprise gives every mail a new one, therefore the mail that it makes gets ours before it is sent.
"""

import logging
import smtplib
from email import message_from_string
from email.policy import SMTP
from typing import Any

from tasks.alerts.message import AlertText
from tasks.alerts.outcome import NotSent


def send_text(address: str, text: AlertText, message_id: str) -> None:
    """Send a message to an Apprise URL. Raises NotSent."""
    from apprise import Apprise, NotifyFormat
    from apprise.plugins.email import NotifyEmail

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its messages show parts of the address
    plugin = Apprise.instantiate(address, suppress_exceptions=True)
    if plugin is None:
        raise NotSent("the address is not an Apprise URL (github.com/caronc/apprise lists them)")
    if isinstance(plugin, NotifyEmail):
        _send_mail(plugin, text, message_id)
    elif not plugin.notify(body=text.body, title=text.subject, body_format=NotifyFormat.TEXT):
        raise NotSent(f"{plugin.service_name} did not accept the message")


def _send_mail(plugin: Any, text: AlertText, message_id: str) -> None:
    from apprise import NotifyFormat
    from apprise.plugins.email import NotifyEmail
    from apprise.plugins.email.smtp import AppriseSMTPController

    mails = NotifyEmail.prepare_emails(
        subject=text.subject,
        body=text.body,
        notify_format=NotifyFormat.TEXT,
        from_addr=plugin.from_addr,
        to=plugin.targets,
        cc=plugin.cc,
        bcc=plugin.bcc,
        reply_to=plugin.reply_to,
        smtp_host=plugin.smtp_host,
        headers=plugin.headers,
        names=plugin.names,
        tzinfo=plugin.tzinfo,
    )
    try:
        with AppriseSMTPController(
            host=plugin.smtp_host,
            port=plugin.port,
            secure_mode=plugin.secure_mode,
            user=plugin.user,
            password=plugin.password,
            verify_certificate=plugin.verify_certificate,
            socket_connect_timeout=plugin.socket_connect_timeout,
        ) as smtp:
            for mail in mails:
                body = _with_id(mail.body, message_id)
                if not smtp.sendmail(plugin.from_addr[1], mail.to_addrs, body):
                    raise NotSent("the mail server did not accept the message")
    except (OSError, smtplib.SMTPException, RuntimeError) as error:
        raise NotSent(f"the mail server cannot be used ({type(error).__name__})") from error


def _with_id(mail: str, message_id: str) -> str:
    message = message_from_string(mail, policy=SMTP)
    del message["Message-ID"]
    message["Message-ID"] = f"<{message_id}@wirehouse.invalid>"
    return message.as_string()
