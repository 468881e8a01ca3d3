/** Ids made here: 128 random bits. (`randomUUID` is not there on sites without TLS.) */
export const uid = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');
