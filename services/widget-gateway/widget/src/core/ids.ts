/** Ids made here: 128 random bits in hex. (`randomUUID` is not there on sites without TLS.) */
export const uid = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
