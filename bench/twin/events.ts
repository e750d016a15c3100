/** An event that a service publishes to the bus. */
export interface DomainEvent {
  readonly source: string;
  readonly type: string;
}

const of = (service: string, type: string): DomainEvent => ({ source: `storefront.${service}`, type });

export const cartCheckedOut = of('cart', 'CartCheckedOut');
export const orderPlaced = of('orders', 'OrderPlaced');
export const photoUploaded = of('photos', 'PhotoUploaded');
export const productChanged = of('catalog', 'ProductChanged');
export const reviewPosted = of('reviews', 'ReviewPosted');
export const userRegistered = of('login', 'UserRegistered');
