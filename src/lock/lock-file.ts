/** What a lock is called where nobody says otherwise: in the working folder, in a mirror, and beside an AMI. */
export const LOCK_FILE = 'kiln.lock.yaml';
