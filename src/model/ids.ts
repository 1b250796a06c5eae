declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Garden's name for a container: free form, chosen by the client that created it. Untrusted. */
export type Handle = Branded<string, 'Handle'>;

/**
 * How many characters of a handle name its container, if no other handle begins so. Falco writes no
 * fewer of one: 7 after `good/`. On a cell of 250 containers, a random guid begins like one of them
 * once in a million times; with 4 characters, once in 260.
 */
export const MIN_HANDLE_PREFIX = 7;

/** A device as mountinfo prints it: `major:minor` in decimal. Each hierarchy has its own. */
export type Device = Branded<string, 'Device'>;

/** As the kernel gave it, one character per byte (latin-1). Show it with `textOfBytes` only. */
export type ByteString = Branded<string, 'ByteString'>;

/**
 * Whether a name looks like an app instance's handle: the first 28 characters of a random uuid (rep
 * auctioncellrep/helpers.go), whose variant digit the generator sets to 4-7. Not RFC 4122.
 */
export const isInstanceGuid = (name: string): boolean =>
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){4}$/.test(name);

export const asHandle = (text: string): Handle => text as Handle;
export const asDevice = (text: string): Device => text as Device;
export const asByteString = (text: string): ByteString => text as ByteString;
