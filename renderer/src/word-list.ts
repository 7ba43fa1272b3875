/** Several names in one field, with spaces or commas between. */
export const readWords = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

export const writeWords = (words: readonly string[]): string => words.join(' ');
