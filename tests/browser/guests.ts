/** Messages of the screenshots, in this order. */
export const GUESTS = [
  { name: 'Tomás & Inês', message: 'We came for the view and stayed for the soup. 🍲' },
  { name: 'שרה', message: 'תודה על האירוח החם. נחזור בקיץ!' },
  {
    name: 'The hikers from room 4',
    message: 'Eleven hours, two blisters, one wrong valley.\n' +
      'Worth every step. Thank you for keeping the lamp on.'
  },
  {
    name: 'Mr. Whiskers (dictated to Lena)',
    message: 'Acceptable cushions. Insufficient tuna. ★★★★☆'
  },
  { name: 'Jonas, 7', message: 'I saw a DEER.' }
]

export const ADA = {
  name: 'Ada',
  message: 'The bookshelf in the hallway has the best bad novels I have ever read.'
}
