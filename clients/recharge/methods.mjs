// Every method of the client: how it is called, which type its answer has, or which error the API gives.
// `type` is set for the methods behind the gateway's graph. `status` is the error that is expected.
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const item = ({ collection_id, collection_source, external_product_id, external_variant_id, quantity }) => ({
  collection_id, collection_source, external_product_id, external_variant_id, quantity,
});

export const METHODS = [
  // Logins
  ['loginShopifyAppProxy', 'Session', (rc) => rc.loginShopifyAppProxy()],
  ['loginWithShopifyStorefront', 'Session', (rc, c) => rc.loginWithShopifyStorefront('storefront-token', c.given.customerToken)],
  ['loginShopifyApi', 'Session', (rc, c) => rc.loginShopifyApi('storefront-token', c.given.customerToken)],
  ['loginWithShopifyCustomerAccount', 'Session', (rc, c) => rc.loginWithShopifyCustomerAccount(c.given.customerToken)],
  ['sendPasswordlessCode', null, async (rc, c) => (c.code = await rc.sendPasswordlessCode(c.given.email, { send_email: false }))],
  ['validatePasswordlessCode', 'Session', async (rc, c) => (c.session = await rc.validatePasswordlessCode(c.given.email, c.code, c.given.loginCode))],
  ['sendPasswordlessCodeAppProxy', null, async (rc, c) => (c.proxied = await rc.sendPasswordlessCodeAppProxy(c.given.email))],
  ['validatePasswordlessCodeAppProxy', 'Session', (rc, c) => rc.validatePasswordlessCodeAppProxy(c.given.email, c.proxied, c.given.loginCode)],
  ['getCustomerPortalAccess', 'CustomerPortalAccessResponse', async (rc, c) => (c.access = await rc.getCustomerPortalAccess(c.session))],
  ['loginCustomerPortal', 'Session', async (rc, c) => {
    globalThis.window = { location: { pathname: `/portal/${c.access.customer_hash}`, search: `?token=${c.access.temp_token}` } };
    try { return await rc.loginCustomerPortal(); } finally { delete globalThis.window; }
  }],
  // Customer
  ['getCustomer', 'Customer', (rc, c) => rc.getCustomer(c.session, { include: ['addresses', 'gift_purchases', 'payment_methods', 'referral_info', 'subscriptions', 'metafields', 'announcements', 'punch_card_progress'] })],
  ['updateCustomer', 'Customer', (rc, c) => rc.updateCustomer(c.session, { first_name: 'Ada' })],
  ['getDeliverySchedule', 'Delivery[]', (rc, c) => rc.getDeliverySchedule(c.session, { delivery_count_future: 5 })],
  ['getCreditSummary', 'CustomerCreditSummary', (rc, c) => rc.getCreditSummary(c.session, { include: ['credit_details'] })],
  ['setApplyCreditsToNextCharge', 'Customer', (rc, c) => rc.setApplyCreditsToNextCharge(c.session, { recurring: true })],
  ['listCreditAccounts', 'CreditAccountsResponse', (rc, c) => rc.listCreditAccounts(c.session, { credit_type: 'reward' })],
  ['getActiveChurnLandingPageURL', null, (rc, c) => rc.getActiveChurnLandingPageURL(c.session, 1, 'https://example.com')],
  ['getFailedPaymentMethodRecoveryLandingPageURL', null, (rc, c) => rc.getFailedPaymentMethodRecoveryLandingPageURL(c.session)],
  ['getGiftRedemptionLandingPageURL', null, (rc, c) => rc.getGiftRedemptionLandingPageURL(c.session, 1, 'https://example.com')],
  ['sendCustomerNotification', null, (rc, c) => rc.sendCustomerNotification(c.session, 'SHOPIFY_UPDATE_PAYMENT_INFO', {})],
  // Addresses
  ['listAddresses', 'AddressListResponse', async (rc, c) => {
    const found = await rc.listAddresses(c.session, { is_active: true, include: ['payment_methods'] });
    c.address = found.addresses[0];
    return found;
  }],
  ['getAddress', 'Address', (rc, c) => rc.getAddress(c.session, c.address.id, { include: ['customer', 'subscriptions'] })],
  ['createAddress', 'Address', async (rc, c) => {
    const { address1, city, country_code, first_name, last_name, province, zip } = c.address;
    c.added = await rc.createAddress(c.session, { address1, city, country_code, first_name, last_name, province, zip, phone: '+15035550100' });
    return c.added;
  }],
  ['updateAddress', 'Address', (rc, c) => rc.updateAddress(c.session, c.address.id, { order_note: 'Ring twice' }, { commit: true })],
  ['applyDiscountToAddress', 'Address', (rc, c) => rc.applyDiscountToAddress(c.session, c.address.id, 'WELCOME10', { commit: true })],
  ['removeDiscountsFromAddress', 'Address', (rc, c) => rc.removeDiscountsFromAddress(c.session, c.address.id, { commit: true })],
  ['mergeAddresses', 'Address', (rc, c) => rc.mergeAddresses(c.session, { target_address: { id: c.address.id }, source_addresses: [{ id: c.added.id }] })],
  ['deleteAddress', null, (rc, c) => rc.deleteAddress(c.session, c.added.id)],
  // Subscriptions
  ['listSubscriptions', 'SubscriptionsResponse', async (rc, c) => {
    const found = await rc.listSubscriptions(c.session, { status: 'active', limit: 250, sort_by: 'id-asc' });
    const boxes = await rc.listSubscriptions(c.session, { status: 'active', bundles_only: true, limit: 250 });
    const boxed = new Set(boxes.subscriptions.map(({ id }) => id));
    [c.first, c.second, c.third] = found.subscriptions.filter((each) => each.is_skippable && each.is_swappable && !boxed.has(each.id));
    c.boxes = boxes.subscriptions;
    return found;
  }],
  ['getSubscription', 'Subscription', (rc, c) => rc.getSubscription(c.session, c.boxes[0].id, { include: ['address', 'customer', 'bundle_product', 'metafields', 'addons', 'expires_at'] })],
  ['updateSubscription', 'Subscription', (rc, c) => rc.updateSubscription(c.session, c.first.id, { quantity: 2 }, { commit: true })],
  ['updateSubscriptionChargeDate', 'Subscription', (rc, c) => rc.updateSubscriptionChargeDate(c.session, c.first.id, day(20), { commit: true, pause: true })],
  ['updateSubscriptionAddress', 'Subscription', (rc, c) => rc.updateSubscriptionAddress(c.session, c.first.id, c.address.id)],
  ['skipSubscriptionCharge', 'Charge', (rc, c) => rc.skipSubscriptionCharge(c.session, c.first.id, day(20))],
  ['getSubscriptionPricingPreview', 'SubscriptionPricingPreview', (rc, c) => rc.getSubscriptionPricingPreview(c.session, c.first.id, {})],
  ['listSubscriptionAddons', null, (rc, c) => rc.listSubscriptionAddons(c.session, c.first.id)],
  ['cancelSubscription', 'Subscription', (rc, c) => rc.cancelSubscription(c.session, c.second.id, { cancellation_reason: 'Too much' })],
  ['activateSubscription', 'Subscription', (rc, c) => rc.activateSubscription(c.session, c.second.id, { commit: true })],
  ['createSubscription', 'Subscription', (rc, c) => rc.createSubscription(c.session, {
    address_id: c.address.id, external_variant_id: c.third.external_variant_id, quantity: 1,
    order_interval_unit: 'week', order_interval_frequency: 2, charge_interval_frequency: 2,
  }, { commit: true })],
  ['createSubscriptions', null, async (rc, c) => {
    c.many = await rc.createSubscriptions(c.session, [{
      address_id: c.address.id, external_variant_id: c.third.external_variant_id, quantity: 1,
      order_interval_unit: 'week', order_interval_frequency: 2, charge_interval_frequency: 2,
    }], { commit: true });
    return c.many;
  }],
  ['updateSubscriptions', null, (rc, c) => rc.updateSubscriptions(c.session, c.address.id, [{ id: c.many[0].id, quantity: 3 }], { commit: true })],
  ['deleteSubscriptions', null, (rc, c) => rc.deleteSubscriptions(c.session, c.address.id, [{ id: c.many[0].id }], { commit: true })],
  ['skipGiftSubscriptionCharge', null, (rc, c) => rc.skipGiftSubscriptionCharge(c.session, [c.first.id], { ...c.address, email: 'a@example.com' }), { status: 404 }],
  // Charges
  ['listCharges', 'ChargeListResponse', async (rc, c) => {
    const found = await rc.listCharges(c.session, { status: ['queued'], purchase_item_ids: [c.third.id], sort_by: 'scheduled_at-asc' });
    c.charge = found.charges[0];
    return rc.listCharges(c.session, { limit: 250, include: ['customer'] });
  }],
  ['getCharge', 'Charge', (rc, c) => rc.getCharge(c.session, c.charge.id, { include: ['payment_methods', 'subscriptions'] })],
  ['skipCharge', 'Charge', async (rc, c) => (c.skipped = await rc.skipCharge(c.session, c.charge.id, [c.third.id]))],
  ['unskipCharge', 'Charge', async (rc, c) => (c.charge = await rc.unskipCharge(c.session, c.skipped.id, [c.third.id]))],
  ['rescheduleCharge', 'Charge', async (rc, c) => (c.charge = await rc.rescheduleCharge(c.session, c.charge.id, day(9)))],
  ['applyDiscountToCharge', 'Charge', (rc, c) => rc.applyDiscountToCharge(c.session, c.charge.id, 'LOYAL5')],
  ['removeDiscountsFromCharge', 'Charge', (rc, c) => rc.removeDiscountsFromCharge(c.session, c.charge.id)],
  ['processCharge', 'Charge', (rc, c) => rc.processCharge(c.session, c.charge.id)],
  ['skipFutureCharge', 'Charge', async (rc, c) => {
    const now = await rc.getSubscription(c.session, c.third.id);
    return rc.skipFutureCharge(c.session, now.address_id, { date: now.next_charge_scheduled_at, subscription_ids: [now.id] });
  }],
  // One-times and orders
  ['createOnetime', 'Onetime', async (rc, c) => (c.onetime = await rc.createOnetime(c.session, {
    address_id: c.address.id, external_variant_id: c.third.external_variant_id, quantity: 1, add_to_next_charge: true,
  }))],
  ['listOnetimes', 'OnetimesResponse', (rc, c) => rc.listOnetimes(c.session, { include_cancelled: true, include: ['customer'] })],
  ['getOnetime', 'Onetime', (rc, c) => rc.getOnetime(c.session, c.onetime.id)],
  ['updateOnetime', 'Onetime', (rc, c) => rc.updateOnetime(c.session, c.onetime.id, { quantity: 2 })],
  ['deleteOnetime', null, (rc, c) => rc.deleteOnetime(c.session, c.onetime.id)],
  ['listOrders', 'OrdersResponse', async (rc, c) => {
    const found = await rc.listOrders(c.session, { sort_by: 'id-desc' });
    c.order = found.orders[0];
    return found;
  }],
  ['getOrder', 'Order', (rc, c) => rc.getOrder(c.session, c.order.id)],
  ['delayOrder', null, (rc, c) => rc.delayOrder(c.session, c.order.id), { status: 422 }],
  // Catalogue
  ['listPlans', 'PlansResponse', async (rc, c) => {
    const found = await rc.listPlans(c.session, { limit: 250 });
    c.plan = found.plans[0];
    return found;
  }],
  ['getPlan', 'Plan', (rc, c) => rc.getPlan(c.session, c.plan.id)],
  ['productSearch', 'ProductSearchResponse_2022_06', async (rc, c) => {
    const found = await rc.productSearch(c.session, { format_version: '2022-06', limit: 250, country_code: 'US' });
    c.product = found.products.find((each) => each.bundle_product);
    return found;
  }],
  ['listCollections', 'CollectionsResponse', async (rc, c) => {
    const found = await rc.listCollections(c.session);
    c.collection = found.collections[0];
    return found;
  }],
  ['getCollection', 'Collection', (rc, c) => rc.getCollection(c.session, c.collection.id)],
  ['listCollectionProducts', 'Product_2022_06[]', async (rc, c) => (await rc.listCollectionProducts(c.session, c.collection.id, { format_version: '2022-06' })).products],
  ['listTieredDiscounts', 'TieredDiscountsResponse', async (rc, c) => {
    const found = await rc.listTieredDiscounts(c.session, { status: 'published' });
    c.discount = found.tiered_discounts[0];
    return found;
  }],
  ['getTieredDiscount', 'TieredDiscount', (rc, c) => rc.getTieredDiscount(c.session, c.discount.id)],
  ['getTieredDiscountOffers', 'TieredDiscountOffersResponse', (rc, c) => rc.getTieredDiscountOffers(c.session, {
    tiered_discount_context: 'checkout', line_items: [{ external_product_id: c.product.external_product_id, quantity: 5, total_price: '90.00', purchase_type: 'subscription' }],
  })],
  ['getStoreSettings', 'StoreSettings', (rc, c) => rc.getStoreSettings(c.session)],
  ['getShippingCountries', 'ShippingCountriesResponse', (rc, c) => rc.getShippingCountries(c.session)],
  // Bundles
  ['listBundleSelections', 'BundleSelectionsResponse', async (rc, c) => {
    const found = await rc.listBundleSelections(c.session, { purchase_item_ids: c.boxes.map(({ id }) => id), limit: 250 });
    c.selection = found.bundle_selections.find((each) => each.charge_id === null);
    c.box = c.boxes.find(({ id }) => id === c.selection.purchase_item_id);
    c.bundle = {
      externalProductId: c.selection.external_product_id,
      externalVariantId: c.selection.external_variant_id,
      selections: c.selection.items.map((each) => ({
        collectionId: each.collection_id, externalProductId: each.external_product_id, externalVariantId: each.external_variant_id, quantity: each.quantity,
      })),
    };
    return found;
  }],
  ['getBundleSelection', 'BundleSelection', (rc, c) => rc.getBundleSelection(c.session, c.selection.id)],
  ['updateBundleSelection', 'BundleSelection', (rc, c) => rc.updateBundleSelection(c.session, c.selection.id, { purchase_item_id: c.box.id, items: c.selection.items.map(item) })],
  ['updateBundle', 'BundlePurchaseItem', (rc, c) => rc.updateBundle(c.session, c.box.id, {
    external_product_id: c.box.external_product_id, external_variant_id: c.box.external_variant_id, items: c.selection.items.map(item),
  }, { commit: true })],
  ['deleteBundleSelection', null, (rc, c) => rc.deleteBundleSelection(c.session, c.selection.id)],
  ['createBundleSelection', 'BundleSelection', (rc, c) => rc.createBundleSelection(c.session, { purchase_item_id: c.box.id, items: c.selection.items.map(item) })],
  ['getBundleId', null, (rc, c) => rc.getBundleId(c.bundle)],
  ['getBundleSelectionId', null, (rc, c) => rc.getBundleSelectionId(c.session, c.bundle)],
  ['getDynamicBundleItems', null, (rc, c) => rc.getDynamicBundleItems(c.bundle, 'box')],
  ['validateBundle', null, async (rc, c) => expect(await rc.validateBundle(c.bundle), true)],
  ['validateDynamicBundle', null, (rc, c) => expect(rc.validateDynamicBundle(c.bundle), true)],
  ['validateBundleSelection', null, async (rc, c) => {
    expect(await rc.validateBundleSelection(c.bundle), { valid: true });
    const [first, ...others] = c.bundle.selections;
    const wrong = { ...c.bundle, selections: [{ ...first, quantity: 99 }, ...others] };
    return expect((await rc.validateBundleSelection(wrong)).valid, false);
  }],
  ['loadBundleData', 'PublicBundleData', (rc, c) => rc.loadBundleData(c.bundle.externalProductId)],
  // CDN
  ['getCDNProduct', 'CDNProduct_2022_06', async (rc, c) => {
    await rc.getCDNProduct(c.bundle.externalProductId);
    return rc.getCDNProduct(c.bundle.externalProductId, { version: '2022-06' });
  }],
  ['getCDNProducts', 'CDNProductKeyObject[]', (rc) => rc.getCDNProducts()],
  ['getCDNProductsAndSettings', 'CDNProductsAndSettings', (rc) => rc.getCDNProductsAndSettings()],
  ['getCDNProductAndSettings', 'CDNProductAndSettings', (rc, c) => rc.getCDNProductAndSettings(c.bundle.externalProductId)],
  ['getCDNBundleSettings', 'CDNBundleSettings', (rc, c) => rc.getCDNBundleSettings(c.bundle.externalProductId)],
  ['getCDNStoreSettings', 'CDNStoreSettings', (rc) => rc.getCDNStoreSettings()],
  ['getCDNWidgetSettings', 'CDNWidgetSettings', (rc) => rc.getCDNWidgetSettings()],
  ['resetCDNCache', null, (rc) => rc.resetCDNCache()],
  // Memberships, cards, gifts
  ['listMemberships', 'MembershipListResponse', async (rc, c) => {
    const found = await rc.listMemberships(c.session, { include: 'customer' });
    c.membership = found.memberships[0];
    return rc.listMemberships(c.session);
  }],
  ['getMembership', 'Membership', (rc, c) => rc.getMembership(c.session, c.membership.id)],
  ['changeMembership', 'Membership', (rc, c) => rc.changeMembership(c.session, c.membership.id, { quantity: 1 })],
  ['cancelMembership', 'Membership', (rc, c) => rc.cancelMembership(c.session, c.membership.id, { cancel_immediately: true, cancellation_reason: 'x', cancellation_reason_comments: '' })],
  ['activateMembership', 'Membership', (rc, c) => rc.activateMembership(c.session, c.membership.id, { expires_at: day(300) })],
  ['listMembershipPrograms', 'MembershipProgramListResponse', (rc, c) => rc.listMembershipPrograms(c.session, { include: ['membership_benefits', 'collections'] })],
  ['getMembershipProgram', 'MembershipProgram', (rc, c) => rc.getMembershipProgram(c.session, c.membership.membership_program_id)],
  ['listPaymentMethods', 'PaymentMethodsResponse', async (rc, c) => {
    const found = await rc.listPaymentMethods(c.session, { include: ['addresses'] });
    c.card = found.payment_methods[0];
    return found;
  }],
  ['getPaymentMethod', 'PaymentMethod', (rc, c) => rc.getPaymentMethod(c.session, c.card.id)],
  ['updatePaymentMethod', 'PaymentMethod', (rc, c) => rc.updatePaymentMethod(c.session, c.card.id, { billing_address: { ...c.card.billing_address, city: 'Elsewhere' } })],
  ['createPaymentMethod', null, (rc, c) => rc.createPaymentMethod(c.session, { payment_type: 'CREDIT_CARD', processor_customer_token: 'x', processor_name: 'stripe', processor_payment_method_token: 'x' }), { status: 405 }],
  ['listGiftPurchases', 'GiftPurchasesResponse', async (rc, c) => {
    const found = await rc.listGiftPurchases(c.session);
    c.gift = found.gift_purchases[0];
    return found;
  }],
  ['getGiftPurchase', 'GiftPurchase', (rc, c) => rc.getGiftPurchase(c.session, c.gift.id)],
  // What stands behind no field of the graph
  ['createMetafield', null, (rc, c) => rc.createMetafield(c.session, { key: 'a', namespace: 'b', owner_id: 1, owner_resource: 'customer', value: 'x', value_type: 'string' }), { status: 404 }],
  ['updateMetafield', null, (rc, c) => rc.updateMetafield(c.session, 1, { value: 'x' }), { status: 404 }],
  ['deleteMetafield', null, (rc, c) => rc.deleteMetafield(c.session, 1), { status: 404 }],
  ['getCustomerSurveyReasons', null, (rc, c) => rc.getCustomerSurveyReasons(c.session, Number(c.session.customerId), c.first.id)],
  ['getCustomerSurveyOffers', null, (rc, c) => rc.getCustomerSurveyOffers(c.session, Number(c.session.customerId), 1, 1)],
  ['claimOfferCustomerSurvey', null, (rc, c) => rc.claimOfferCustomerSurvey(c.session, { claim_id: 'x' }), { status: 404 }],
  ['initFrictionlessPaymentV1', null, null, { skipped: 'loads a card form into a browser page' }],
];

function expect(found, wanted) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
  return found;
}
