/** Names become parts of paths on the cell (/var/vcap/jobs/NAME) and of the Director's, so they keep to what both take. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

export const isReleaseName = (name: string): boolean => NAME.test(name);

export const NAME_RULE = 'use letters, digits, - and _ only';
