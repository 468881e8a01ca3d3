export const MORE: ReadonlySet<string>;
