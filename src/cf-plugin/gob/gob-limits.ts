/*
 * What a reader accepts. cf's answers to this plugin have a few kilobytes (a token is the longest), so that everything beyond
 * is a fault or an attack, and memory stays bounded whatever arrives.
 */

/** One message, without its length. Go itself stops at 1 GiB. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** One definition of a type, as a message. */
export const MAX_DEFINITION_BYTES = 64 * 1024;

/** Types defined on one connection. */
export const MAX_TYPES = 256;

/** Values in one message, each element, key and field counted: an element of one byte becomes an object of a hundred. */
export const MAX_VALUES = 100_000;

/** Values within values: a recursive type costs the sender two bytes a level. */
export const MAX_DEPTH = 64;
