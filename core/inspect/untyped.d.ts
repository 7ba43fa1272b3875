declare module 'libqp' {
  const libqp: { decode(text: string): Buffer };
  export default libqp;
}
declare module 'libmime' {
  const libmime: { decodeWords(text: string): string };
  export default libmime;
}
