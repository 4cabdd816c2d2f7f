export const a = (b: number): number => b;
