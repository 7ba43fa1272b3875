/** Provider doors on free ports, with routes of a test's own, and what they recorded. */

import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../../core/clock.ts';
import type { ProviderDoorLimits } from '../../../../core/doors/http/limits.ts';
import {
  openProviderDoors,
  type ProviderDoors,
  type ProviderDoorsPorts,
} from '../../../../core/doors/http/provider-doors.ts';
import type {
  ProviderAnswer,
  ProviderRequest,
  ProviderRoute,
} from '../../../../core/doors/http/provider-request.ts';
import type { Certificate } from '../../../../core/doors/tls/make-certificates.ts';
import { makeCa, makeServer } from '../../../../core/doors/tls/make-certificates.ts';
import type { ExchangeEnd } from '../../../../core/model/message.ts';
import { temporaryFolder } from '../../../start-core.ts';

export interface TestDoors {
  readonly doors: ProviderDoors;
  readonly ports: ProviderDoors['ports'];
  readonly ended: ExchangeEnd[];
  readonly problems: string[];
  readonly ca: string;
  readonly server: Certificate;
  /** For programs that want it as a file. */
  caFile(): Promise<string>;
  close(): Promise<void>;
}

export interface TestDoorsOptions {
  readonly routes?: readonly ProviderRoute[];
  readonly apns?: readonly ProviderRoute[];
  readonly limits?: Partial<ProviderDoorLimits>;
  readonly clock?: Clock;
  readonly ports?: Partial<ProviderDoorsPorts>;
}

let made: Promise<{ readonly server: Certificate; readonly ca: string }> | null = null;

function certificates(): Promise<{ readonly server: Certificate; readonly ca: string }> {
  made ??= (async () => {
    const ca = await makeCa([], Date.now());
    return { server: await makeServer(ca, [], Date.now()), ca: ca.certificate.toString('pem') };
  })();
  return made;
}

export async function startDoors(options: TestDoorsOptions = {}): Promise<TestDoors> {
  const ended: ExchangeEnd[] = [];
  const problems: string[] = [];
  const { server, ca } = await certificates();
  let last = 0;
  const routes = options.routes ?? [route()];
  const doors = await openProviderDoors(
    {
      hosts: ['127.0.0.1'],
      ports: { providers: 0, tls: 0, proxy: 0, apns: 0, apnsManage: 0, metadata: 0 },
      certificate: server,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    },
    {
      routes,
      apns: options.apns ?? routes,
      apnsManage: routes,
      metadata: routes,
      clock: options.clock ?? systemClock,
      newId: () => `id-${++last}`,
      recorder: { exchangeEnded: (end) => ended.push(end) },
      findOwn: () => null,
      otherHosts: () => 'refuse',
      connect: (host, port) => new Socket().connect({ host, port }),
      isOwnPort: () => false,
      onProblem: (problem) => problems.push(problem),
      ...options.ports,
    },
  );
  return {
    doors,
    ports: doors.ports,
    ended,
    problems,
    ca,
    server,
    caFile: () => keptFile(ca),
    close: () => doors.close(0),
  };
}

async function keptFile(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'ca.pem');
  await writeFile(file, text);
  return file;
}

/** Answers with what it was asked. */
export function echo(request: ProviderRequest): ProviderAnswer {
  const { method, path, query, host, httpVersion, baseUrl, door } = request;
  const { body, bodyTooLarge } = request;
  return {
    reply: {
      status: bodyTooLarge ? 413 : 200,
      fields: [['content-type', 'application/json']],
      body: JSON.stringify({
        method,
        path,
        query,
        host,
        httpVersion,
        baseUrl,
        door,
        bodyBytes: body.length,
        bodyTooLarge,
        certificate:
          request.connection.clientCertificate === null
            ? null
            : new X509Certificate(request.connection.clientCertificate).subject,
      }),
    },
    refused: bodyTooLarge ? 'the body is too large' : null,
  };
}

export function route(over: Partial<ProviderRoute> = {}): ProviderRoute {
  return {
    key: 'fcm',
    prefix: '/fcm',
    hosts: ['fcm.googleapis.com'],
    bodyBytesMax: 8192,
    handle: echo,
    ...over,
  };
}
