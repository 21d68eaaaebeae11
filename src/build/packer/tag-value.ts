/** EC2 User Guide, "Tag your Amazon EC2 resources": what every service takes in a tag's value, and how long it may be. */
const NO_TAG_VALUE = /[^\p{L}\p{N} _.:/=+\-@]/gu;
const LONGEST_TAG_VALUE = 256;

/** A text as the value of a tag; each character that a tag cannot hold becomes `_`. */
export function tagValue(text: string): string {
  return text.replaceAll(NO_TAG_VALUE, '_').slice(0, LONGEST_TAG_VALUE);
}
