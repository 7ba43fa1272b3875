import { describe, expect, it } from 'vitest';
import { callbackFault } from '../../../core/model/callback-rule.ts';

describe('the callback rule', () => {
  it.each([
    'http://localhost:3000/x',
    'http://app.localhost/',
    'https://127.0.0.1:8443/',
    'http://127.8.8.8/',
    'http://[::1]:3000/',
    'http://LOCALHOST/',
  ])('lets %s be called', (url) => {
    expect(callbackFault(url, [])).toBeNull();
  });

  it.each([
    ['http://example.com/', 'is not this machine'],
    ['http://localhost.example.com/', 'is not this machine'],
    ['http://127.0.0.1.nip.io/', 'is not this machine'],
    ['http://2130706433.example/', 'is not this machine'],
    ['http://10.0.0.1/', 'is not this machine'],
    ['http://169.254.169.254/latest', 'is not this machine'],
    ['http://user:secret@localhost/', 'user name'],
    ['file:///etc/passwd', 'is not called'],
    ['not a url', 'not a web address'],
  ])('refuses %s', (url, why) => {
    expect(callbackFault(url, [])).toContain(why);
  });

  it('takes the forms in which a browser writes a loopback address for what they are', () => {
    expect(callbackFault('http://2130706433/', [])).toBeNull();
    expect(callbackFault('http://0x7f.1/', [])).toBeNull();
  });

  it('lets named hosts, their sub-domains and the private ranges be called when the user says so', () => {
    expect(callbackFault('https://hooks.example.com/', ['hooks.example.com'])).toBeNull();
    expect(callbackFault('https://a.example.com/', ['*.example.com'])).toBeNull();
    expect(callbackFault('https://badexample.com/', ['*.example.com'])).not.toBeNull();
    for (const host of ['10.1.2.3', '172.16.0.1', '192.168.1.1', '[fd00::1]', 'host.docker.internal'])
      expect(callbackFault(`http://${host}/`, ['private'])).toBeNull();
    for (const host of ['172.32.0.1', '11.0.0.1', '169.254.0.1'])
      expect(callbackFault(`http://${host}/`, ['private'])).not.toBeNull();
  });
});
