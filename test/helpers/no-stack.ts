/** Text for people: no line of it is one of a stack trace. */
export const NO_STACK = /^(?![\s\S]*\n\s+at )/;
