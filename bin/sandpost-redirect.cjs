/**
 * Leads a Node app's connections to push and SMS providers to a Sandpost on this machine, the app unchanged:
 *
 *   NODE_OPTIONS="--require /path/to/sandpost-redirect.cjs" node app.js
 *
 * What goes where stands in sandpost-redirect.json beside this file (Sandpost writes both into its data folder), or in the
 * environment variable SANDPOST_REDIRECT: the path of such a file, or its text. Hosts that are not in it are left alone.
 *
 * Every TCP connection of Node ends in Socket.prototype.connect, that of http, https, http2, tls and fetch alike. So host
 * and port are changed there, and nothing else is: the name that the certificate is checked against stays the provider's,
 * and Sandpost's own authority vouches for it. Plain CommonJS for Node 14.18 and later, without dependencies.
 */
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');

/** Twice required, as NODE_OPTIONS and a flag may have it, is once. */
const installed = Symbol.for('sandpost.redirect');

function main() {
  if (net.Socket[installed]) return;
  const settings = readSettings();
  if (settings === null) return;
  Object.defineProperty(net.Socket, installed, { value: true });
  const targets = readTargets(settings.hosts);
  redirectSockets(targets, process.env.SANDPOST_REDIRECT_LOG === '1');
  if (typeof settings.caFile === 'string') trust(settings.caFile);
}

function readSettings() {
  const given = process.env.SANDPOST_REDIRECT || '';
  const inline = given.trim().startsWith('{');
  const file = given === '' ? path.join(__dirname, 'sandpost-redirect.json') : path.resolve(given);
  try {
    const settings = JSON.parse(inline ? given : fs.readFileSync(file, 'utf8'));
    if (typeof settings === 'object' && settings !== null && typeof settings.hosts === 'object')
      return settings;
    warn(`${inline ? 'SANDPOST_REDIRECT' : file} has no "hosts"`);
  } catch (error) {
    warn(`${inline ? 'SANDPOST_REDIRECT is no JSON' : `${file} cannot be read`}: ${error.message}`);
  }
  return null;
}

/** `{"api.push.apple.com:443": "127.0.0.1:2197", "*.notify.windows.com": "127.0.0.1:8443"}`; without a port: at any. */
function readTargets(hosts) {
  const targets = new Map();
  for (const [from, to] of Object.entries(hosts || {})) {
    const match = /^\[?([^\]]+)\]?:(\d+)$/.exec(String(to));
    if (match === null) warn(`"${from}" leads to "${to}", which is no host with a port`);
    else targets.set(from.toLowerCase(), { host: match[1], port: Number(match[2]) });
  }
  return targets;
}

function redirectSockets(targets, log) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function connectOrRedirect(...args) {
    // net.connect and tls.connect hand over what they read of their arguments: an array with a mark of Node's own on it.
    const read = Array.isArray(args[0]) ? args[0] : args;
    const asked = askedFor(read);
    const target = asked === null ? undefined : targetOf(targets, asked.host, asked.port);
    if (target === undefined) return Reflect.apply(connect, this, args);
    if (log) process.stderr.write(`sandpost: ${asked.host}:${asked.port} → ${target.host}:${target.port}\n`);
    const options = Object.assign({}, asked.options, target);
    // They belong to the provider's address.
    delete options.lookup;
    delete options.family;
    delete options.localAddress;
    delete options.localPort;
    if (Array.isArray(args[0])) {
      args[0][0] = options;
      return Reflect.apply(connect, this, args);
    }
    const callback = args.find((one) => typeof one === 'function');
    return Reflect.apply(connect, this, callback === undefined ? [options] : [options, callback]);
  };
}

/** connect(options), connect(port, host); null for a path, or where no host is named. */
function askedFor(args) {
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) {
    if (typeof first.host !== 'string' || (first.path !== undefined && first.port === undefined)) return null;
    return { host: first.host, port: Number(first.port), options: first };
  }
  if (typeof second !== 'string') return null;
  return { host: second, port: Number(first), options: { port: first, host: second } };
}

function targetOf(targets, asked, port) {
  const host = asked.toLowerCase().replace(/\.$/, '');
  const wild = `*${host.slice(host.indexOf('.'))}`;
  return (
    targets.get(`${host}:${port}`) || targets.get(host) || targets.get(`${wild}:${port}`) || targets.get(wild)
  );
}

/** NODE_EXTRA_CA_CERTS does the same, but has to be known before Node starts. */
function trust(caFile) {
  let ca;
  try {
    ca = fs.readFileSync(caFile, 'utf8');
  } catch (error) {
    warn(`${caFile} cannot be read, so that Sandpost's certificates are not trusted: ${error.message}`);
    return;
  }
  if (typeof tls.setDefaultCACertificates === 'function') {
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), ca]);
    return;
  }
  const create = tls.createSecureContext;
  tls.createSecureContext = (options) => {
    const made = create(options);
    // Whoever names roots of its own trusts no others.
    if (!options?.ca) made.context.addCACert(ca);
    return made;
  };
}

function warn(text) {
  process.stderr.write(`sandpost-redirect: ${text}; nothing is redirected by it\n`);
}

main();
