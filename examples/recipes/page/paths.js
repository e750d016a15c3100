// Only these are files. Everything else below /shop is a path of the page itself, which reads it in the browser.
function handler(event) {
  var request = event.request;
  if (!request.uri.startsWith('/shop/assets/') && request.uri !== '/shop/favicon.svg') request.uri = '/index.html';
  return request;
}
