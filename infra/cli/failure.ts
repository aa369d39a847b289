/** An error that the user can fix: its message says what happened and what to do. */
export class Failure extends Error {}

/** The user interrupted the command. */
export class Interrupted extends Failure {}
