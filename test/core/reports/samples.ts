/** Reports as other people's servers write them. */
const crlf = (text: string): Buffer => Buffer.from(text.replace(/^\n/, '').replace(/\n/g, '\r\n'));

export const postfixBounce = crlf(`
Return-Path: <>
Received: by mail.example.com (Postfix) id 4XyZ0123; Sat, 31 Jan 2026 10:00:05 +0000 (UTC)
Date: Sat, 31 Jan 2026 10:00:05 +0000 (UTC)
From: MAILER-DAEMON@mail.example.com (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounces@shop.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4XyZ0123.1769853605/mail.example.com"
Content-Transfer-Encoding: 8bit
Message-Id: <20260131100005.4XyZ0123@mail.example.com>

This is a MIME-encapsulated message.

--4XyZ0123.1769853605/mail.example.com
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.example.com.

<nobody@far.example>: host mx.far.example[198.51.100.7] said: 550 5.1.1
    <nobody@far.example>: Recipient address rejected: User unknown (in reply to RCPT TO command)

--4XyZ0123.1769853605/mail.example.com
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com
Original-Envelope-Id: QQ314159
X-Postfix-Queue-ID: 4XyZ0123
X-Postfix-Sender: rfc822; bounces@shop.example
Arrival-Date: Sat, 31 Jan 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; nobody@far.example
Original-Recipient: rfc822;nobody@far.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.far.example
Diagnostic-Code: smtp; 550 5.1.1 <nobody@far.example>: Recipient address
    rejected: User unknown

--4XyZ0123.1769853605/mail.example.com
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

Return-Path: <bounces@shop.example>
From: Shop <shop@shop.example>
To: nobody@far.example
Subject: Your order
Message-ID: <order-1@shop.example>

Thank you.

--4XyZ0123.1769853605/mail.example.com--
`);

export const exchangeBounce = crlf(`
From: <postmaster@contoso.example>
To: <bounces@shop.example>
Date: Sat, 31 Jan 2026 10:00:05 +0000
Content-Type: multipart/report; report-type=delivery-status;
	boundary="9B095B5ADSN=_01DC92ABCDEF0123000012345AM0PR01MB1234.eurp"
Content-Language: en-US
Message-ID: <12345678-90ab-cdef-1234-567890abcdef@AM0PR01MB1234.eurprd01.prod.exchangelabs.com>
In-Reply-To: <order-2@shop.example>
Subject: Undeliverable: Your order
Auto-Submitted: auto-replied
MIME-Version: 1.0

--9B095B5ADSN=_01DC92ABCDEF0123000012345AM0PR01MB1234.eurp
Content-Type: multipart/alternative; differences=Content-Type;
	boundary="inner_1"

--inner_1
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to old@contoso.example couldn't be delivered.=20
It was =
too old.

--inner_1
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<p>Your message couldn't be delivered.</p>

--inner_1--

--9B095B5ADSN=_01DC92ABCDEF0123000012345AM0PR01MB1234.eurp
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01MB1234.eurprd01.prod.exchangelabs.com
Received-From-MTA: dns;mail.shop.example
Arrival-Date: Sat, 31 Jan 2026 10:00:03 +0000

Final-Recipient: rfc822;old@contoso.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient old@contoso.example not found by SMTP address lookup
X-Display-Name: old@contoso.example


--9B095B5ADSN=_01DC92ABCDEF0123000012345AM0PR01MB1234.eurp
Content-Type: text/rfc822-headers

From: Shop <shop@shop.example>
To: <old@contoso.example>
Subject: Your order
Message-ID: <order-2@shop.example>

--9B095B5ADSN=_01DC92ABCDEF0123000012345AM0PR01MB1234.eurp--
`);

export const gmailBounce = crlf(`
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: bounces@shop.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
MIME-Version: 1.0
Content-Type: multipart/report; boundary="00000000000012345606f0a1b2c3"; report-type=delivery-status
Message-ID: <67a1b2c3.050a0220.12345.6789.GMR@mx.google.com>
Date: Sat, 31 Jan 2026 02:00:06 -0800 (PST)

--00000000000012345606f0a1b2c3
Content-Type: multipart/related; boundary="00000000000012456706f0a1b2c4"

--00000000000012456706f0a1b2c4
Content-Type: multipart/alternative; boundary="00000000000012456806f0a1b2c5"

--00000000000012456806f0a1b2c5
Content-Type: text/plain; charset="UTF-8"


** Address not found **

Your message wasn't delivered to full@gmail.com because the address couldn't be found.

--00000000000012456806f0a1b2c5--
--00000000000012456706f0a1b2c4--
--00000000000012345606f0a1b2c3
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Sat, 31 Jan 2026 02:00:05 -0800 (PST)
X-Original-Message-ID: <order-3@shop.example>

Final-Recipient: rfc822; full@gmail.com
Action: delayed
Status: 4.2.2
Remote-MTA: dns; gmail-smtp-in.l.google.com. (142.250.27.26, the server for the domain gmail.com.)
Diagnostic-Code: smtp; 452-4.2.2 The recipient's inbox is out of storage space. Please direct the
 452-4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp 5b1f17b1804b1-42ca5447f93si4
Last-Attempt-Date: Sat, 31 Jan 2026 02:00:06 -0800 (PST)
Will-Retry-Until: Tue, 03 Feb 2026 02:00:05 -0800 (PST)

--00000000000012345606f0a1b2c3
Content-Type: message/rfc822

From: Shop <shop@shop.example>
Message-ID: <order-3@shop.example>

...
--00000000000012345606f0a1b2c3--
`);

export const yahooComplaint = crlf(`
From: Yahoo! Mail AntiSpam Feedback <feedback@arf.mail.yahoo.com>
To: fbl@shop.example
Date: Sat, 31 Jan 2026 10:05:00 +0000
Subject: Your order
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="feedback_part_boundary"

--feedback_part_boundary
Content-Type: text/plain; charset=US-ASCII
Content-Disposition: inline
Content-Transfer-Encoding: 7bit

This is an email abuse report for an email message from shop.example on Sat, 31 Jan 2026 10:00:00 +0000

--feedback_part_boundary
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Yahoo!-Mail-Feedback/2.0
Version: 0.1
Original-Mail-From: <b+17@bounce.shop.example>
Original-Rcpt-To: jane@yahoo.com
Received-Date: Sat, 31 Jan 2026 10:00:00 +0000
Reported-Domain: Shop.example
Authentication-Results: authentication result string is not available

--feedback_part_boundary
Content-Type: message/rfc822
Content-Disposition: inline

From: Shop <shop@shop.example>
Message-ID: <order-4@shop.example>

Thank you.
--feedback_part_boundary--
`);
