/** Something that the user can mend: the message says what happened and what to do. */
export class Failure extends Error {}

/** Somebody wanted it to end. */
export class Interrupted extends Failure {}
