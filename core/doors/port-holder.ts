/** Who holds a port, where the system tells: for the one line that names what stands in the way. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

const lsofMsMax = 2_000;

/** @returns for example `smtpd (process 4711)`, or null when the system does not say */
export async function portHolder(port: number): Promise<string | null> {
  return process.platform === 'linux'
    ? fromProc(port)
    : process.platform === 'darwin'
      ? fromLsof(port)
      : null;
}

/** Linux: the socket's inode from /proc/net/tcp, then the process that has it open. */
function fromProc(port: number): string | null {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port)));
  if (inodes.size === 0) return null;
  for (const pid of names('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of names(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) return `${programName(pid)} (process ${pid})`;
    }
  }
  return null;
}

/** As it was started: Node's own name for its main thread tells nobody anything. */
function programName(pid: string): string {
  const [program = ''] = text(`/proc/${pid}/cmdline`).split('\0');
  return basename(program) || text(`/proc/${pid}/comm`).trim();
}

const listening = '0A';

function listeningInodes(file: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return text(file)
    .split('\n')
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      return local.endsWith(`:${wanted}`) && state === listening && inode !== undefined ? [inode] : [];
    });
}

// Processes end while they are looked at, and others' are closed to us: what cannot be read is not there.
function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function fromLsof(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      'lsof',
      ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'],
      { timeout: lsofMsMax },
      (error, output) => {
        const pid = /^p(\d+)$/m.exec(output)?.[1];
        const name = /^c(.+)$/m.exec(output)?.[1];
        resolve(error !== null || pid === undefined ? null : `${name ?? 'a program'} (process ${pid})`);
      },
    );
  });
}
