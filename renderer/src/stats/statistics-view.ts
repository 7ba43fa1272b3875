/** In the address of the room Messages, where no message is open. */
export const statisticsView = 'statistics';
