/** Words of the door for people who have a name and a password. */
export const accountWords = {
  withPassword: 'Use a user name and a password',
  withKey: 'Use a key',
  nameLabel: 'User name or e-mail address',
  passwordLabel: 'Password',
  newPasswordLabel: 'New password',
  passwordHint: 'At least 10 characters; several words that do not belong together are good.',
  nameHint: '2 to 40 of a-z, 0-9, dot, dash and underscore.',
  emptyName: 'Write your user name and your password.',
  wrong: 'The name or the password is wrong. An administrator can make a link for a new password.',
  choose: 'Choose this password',
  chooseLead: 'Choose a password. Everything that is signed in with the one of before is signed out.',
  join: 'Make my account',
  joinLead: 'You are invited: choose a user name and a password.',
  busy: 'One moment…',
} as const
