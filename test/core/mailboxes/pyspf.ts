/** pySPF, a second opinion on SPF: one run of Python for any number of questions. */
import { findProgram, run } from '../../run-program.ts';

export interface SpfQuestion {
  readonly ip: string;
  readonly helo: string;
  /** Empty for a bounce. */
  readonly from: string;
  /** Of the zones that were handed over. */
  readonly zone: number;
}

/** A record as pySPF wants it, by type; `TIMEOUT` in place of a record or of its data: no answer. */
export type SpfZone = Readonly<
  Record<string, readonly (readonly [type: string, data: unknown] | 'TIMEOUT')[]>
>;

/** Debian's own, where its packages are; a Python found elsewhere has none of them. */
const python =
  ['/usr/bin/python3', 'python3'].find(
    (program) => findProgram(program) !== null || program.startsWith('/'),
  ) ?? 'python3';

export const hasPyspf = await run(python, ['-c', 'import spf']).then(
  ({ code }) => code === 0,
  () => false,
);

/** It reads names as the DNS of a test has them, or, with `port`, asks a server on loopback. */
const script = `
import json, socket, sys, spf
asked = json.load(sys.stdin)
zone = {}

def from_zone(name, qtype, strict=True, timeout=None, level=0):
    labels = [label for label in name.split('.') if label]
    if any(len(label) > 63 for label in labels):
        raise spf.TempError('DNS label too long')
    name = '.'.join(labels).lower()
    if name not in zone and name.startswith('error.'):
        raise spf.TempError('DNS timeout')
    stalls = True
    for entry in zone.get(name, []):
        if entry == 'TIMEOUT':
            if stalls:
                raise spf.TempError('DNS timeout')
            return
        kind, data = entry
        if kind == qtype:
            stalls = False
            if data == 'TIMEOUT':
                raise spf.TempError('DNS timeout')
        if data == 'TIMEOUT':
            continue
        if kind == 'AAAA':
            data = bytes(socket.inet_pton(socket.AF_INET6, data))
        elif kind == 'TXT':
            data = tuple(part.encode() for part in data)
        elif kind == 'MX':
            data = tuple(data)
        yield ((name, kind), data)
        if level == 0 and kind == 'CNAME':
            for found in from_zone(data, qtype, strict, timeout, 1):
                yield found

def from_server(name, qtype, strict=True, timeout=None):
    import dns.resolver
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ['127.0.0.1']
    resolver.port = asked['port']
    try:
        answers = resolver.resolve(name, qtype, lifetime=5)
    except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
        return []
    if qtype in ('A', 'AAAA'):
        return [((name, qtype), one.address if qtype == 'A' else socket.inet_pton(socket.AF_INET6, one.address)) for one in answers]
    if qtype == 'MX':
        return [((name, qtype), (one.preference, one.exchange.to_text(True))) for one in answers]
    if qtype == 'PTR':
        return [((name, qtype), one.target.to_text(True)) for one in answers]
    return [((name, qtype), tuple(one.strings)) for one in answers]

spf.DNSLookup = from_zone if asked['port'] is None else from_server
results = []
for question in asked['questions']:
    zone = asked['zones'][question['zone']] if asked['port'] is None else {}
    query = spf.query(i=question['ip'], s=question['from'], h=question['helo'], strict=True)
    results.append(query.check()[0])
print(json.dumps(results))
`;

/** @returns a result for each question: `pass`, `permerror`, … */
export async function askPyspf(
  questions: readonly SpfQuestion[],
  dns: { readonly zones: readonly SpfZone[] } | { readonly port: number },
): Promise<readonly string[]> {
  const input = { questions, port: null, zones: [], ...dns };
  const ran = await run(python, ['-c', script], { input: JSON.stringify(input) });
  if (ran.code !== 0) throw new Error(`pySPF: ${ran.stderr}`);
  const results: readonly string[] = JSON.parse(ran.stdout);
  return results;
}
