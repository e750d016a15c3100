package events

import "time"

// Money is an amount in the smallest unit of a currency: 1999 and "EUR" are 19.99 euros.
type Money struct {
	Amount int64 `json:"amount"`
	// Currency is a code of ISO 4217.
	Currency string `json:"currency"`
}

// Product is a product as it is after a change.
type Product struct {
	ProductID string `json:"productId"`
	// Version increases with each change of the product. Events arrive in any order: ignore a product of a lower version than
	// the one that you have.
	Version     int64  `json:"version"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Category    string `json:"category"`
	Price       Money  `json:"price"`
	// Stock is the number of pieces that can be sold.
	Stock int `json:"stock"`
	// Withdrawn is set when the product is no longer sold. What is left of it is for orders and links that exist.
	Withdrawn bool      `json:"withdrawn,omitempty"`
	ChangedAt time.Time `json:"changedAt"`
}

// Photo is a photo of a product, with the sizes in which it can be shown.
type Photo struct {
	ProductID  string      `json:"productId"`
	PhotoID    string      `json:"photoId"`
	Sizes      []PhotoSize `json:"sizes"`
	UploadedAt time.Time   `json:"uploadedAt"`
}

// PhotoSize is one size of a photo.
type PhotoSize struct {
	// Path is the path at the API, such as "/photos/p-1/ph-7/small.jpg".
	Path string `json:"path"`
	// Width and Height are in pixels.
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Review is a review of a product as it is after a change.
type Review struct {
	ReviewID  string `json:"reviewId"`
	ProductID string `json:"productId"`
	AuthorID  string `json:"authorId"`
	// Version increases with each change by the author, from 1: ignore a review of a lower version than the one that you have.
	Version int64 `json:"version"`
	// Stars are from 1 to 5.
	Stars int    `json:"stars"`
	Title string `json:"title"`
	Text  string `json:"text"`
	// Withdrawn is set when the author deleted the review: it no longer counts. Its title and text are empty then. The author may
	// write another one, which has another ID.
	Withdrawn bool      `json:"withdrawn,omitempty"`
	PostedAt  time.Time `json:"postedAt"`
}

// Line is a number of pieces of one product, at the price at which they are bought.
type Line struct {
	ProductID string `json:"productId"`
	// Name is the product's at that time, for a history that does not change with the catalog.
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	// UnitPrice is for one piece.
	UnitPrice Money `json:"unitPrice"`
}

// Checkout is a cart that a user agreed to buy, at prices that the cart had from the catalog.
type Checkout struct {
	// CheckoutID identifies the checkout: it leads to one order, however often it is delivered.
	CheckoutID string `json:"checkoutId"`
	UserID     string `json:"userId"`
	Lines      []Line `json:"lines"`
	// Total is the sum of the lines.
	Total        Money     `json:"total"`
	CheckedOutAt time.Time `json:"checkedOutAt"`
}

// Order is an accepted order.
type Order struct {
	OrderID string `json:"orderId"`
	// CheckoutID is that of the checkout that led to the order.
	CheckoutID string    `json:"checkoutId"`
	UserID     string    `json:"userId"`
	Lines      []Line    `json:"lines"`
	Total      Money     `json:"total"`
	PlacedAt   time.Time `json:"placedAt"`
}

// User is a user who signed up.
type User struct {
	UserID       string    `json:"userId"`
	RegisteredAt time.Time `json:"registeredAt"`
}
