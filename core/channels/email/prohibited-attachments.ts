/**
 * Extensions that mail providers refuse, alone or in an archive: a message that carries one is never delivered.
 * Source: Gmail Help, "File types blocked in Gmail" (answer 6590).
 */
export const prohibitedExtensions: ReadonlySet<string> = new Set(
  (
    'ade adp apk appx appxbundle bat cab chm cmd com cpl diagcab diagcfg diagpkg dll dmg ex ex_ exe hta img ins iso isp ' +
    'jar jnlp js jse lib lnk mde mjs msc msi msix msixbundle msp mst nsh pif ps1 scr sct shb sys vb vbe vbs vhd vxd wsc ' +
    'wsf wsh xll'
  ).split(' '),
);

/** @returns the extension that is refused, or null. A dot or a blank at the end hides nothing: Windows drops them. */
export function prohibitedExtension(filename: string): string | null {
  const extension = /\.([^.]*)$/.exec(filename.replace(/[\s.]+$/, ''))?.[1]?.toLowerCase() ?? '';
  return prohibitedExtensions.has(extension) ? extension : null;
}
