import { describe, expect, it } from 'vitest';
import { endToEnd, fieldsFor } from '../../../core/delivery/upstream-fields.ts';

const to = { host: 'api.twilio.com', bodyBytes: 5, http2: false };

describe('fields of a request that is handed on', () => {
  it('keep their order, their case and their repeats; the host is the provider’s, in its place', () => {
    expect(
      fieldsFor(
        [
          ['User-Agent', 'app/1'],
          ['HOST', 'localhost:8026'],
          ['X-Two', 'a'],
          ['x-two', 'b'],
          ['Content-Length', '5'],
        ],
        to,
      ),
    ).toEqual([
      ['User-Agent', 'app/1'],
      ['HOST', 'api.twilio.com'],
      ['X-Two', 'a'],
      ['x-two', 'b'],
      ['Content-Length', '5'],
    ]);
  });

  it('leave behind what was for this hop alone, and what Connection names', () => {
    expect(
      fieldsFor(
        [
          ['Host', 'x'],
          ['Connection', 'keep-alive, X-Hop'],
          ['Keep-Alive', 'timeout=5'],
          ['X-Hop', '1'],
          ['Proxy-Authorization', 'Basic secret'],
          ['Transfer-Encoding', 'chunked'],
        ],
        to,
      ),
    ).toEqual([
      ['Host', 'api.twilio.com'],
      ['Content-Length', '5'],
    ]);
  });

  it('are in lower case and without Host in HTTP/2', () => {
    expect(
      fieldsFor(
        [
          ['Host', 'x'],
          ['Apns-Topic', 'com.example'],
        ],
        { ...to, http2: true },
      ),
    ).toEqual([['apns-topic', 'com.example']]);
  });

  it('are never handed on with the field by which the core knows its own sends', () => {
    expect(() => fieldsFor([['Sandpost-Send', 'secret']], to)).toThrow('is not handed on');
  });

  it('of an answer stay as they are but for those of the connection', () => {
    expect(
      endToEnd([
        ['Twilio-Request-Id', 'RQ1'],
        ['Connection', 'close'],
        ['Set-Cookie', 'a=1'],
      ]),
    ).toEqual([
      ['Twilio-Request-Id', 'RQ1'],
      ['Set-Cookie', 'a=1'],
    ]);
  });
});
