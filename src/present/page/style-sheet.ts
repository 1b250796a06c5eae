import { BASE_STYLE } from './style-base.ts';
import { COLOR_STYLE } from './style-colors.ts';
import { DRAWING_STYLE } from './style-drawings.ts';
import { NARROW_STYLE } from './style-narrow.ts';
import { SECTION_STYLE } from './style-sections.ts';

/** The page's only style sheet. No font, image or sheet is loaded from anywhere. */
export const STYLE_SHEET = [
  COLOR_STYLE,
  BASE_STYLE,
  SECTION_STYLE,
  DRAWING_STYLE,
  NARROW_STYLE,
].join('\n');
