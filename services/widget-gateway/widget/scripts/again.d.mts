export function again(code: string): string;
