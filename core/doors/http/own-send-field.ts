/** Request field by which one of our own sends is recognised at a door; it is no part of what is shown. */
export const ownSendField = 'sandpost-send';
